"use client"

import { Button } from "@/components/ui/button"
import { Field, Select, TextInput } from "@/components/ui/field"
import { useActionForm } from "@/components/use-action-form"
import { Outcome } from "../../account/profile-form"
import { changeSettingsAction, type SettingsState } from "../actions"

type Setting = { name: string; label: string; hint: string; set: string; default_value: string }

/** The options of settings that have a few fixed values. */
const choices: Partial<Record<string, Record<string, string>>> = {
  SIGNUP: { open: "Open: visitors can create accounts", closed: "Closed: only administrators can" },
  RUN_EGRESS: {
    none: "None: no model reaches the Internet",
    approved: "Approved: models that an administrator has approved",
    internet: "Internet: every model whose owner asks",
  },
}

export function SettingsForm({ settings, revision: filledWith }: { settings: Setting[]; revision: string }) {
  const values = Object.fromEntries(settings.map(({ name, set }) => [name, set]))
  const labels = Object.fromEntries(settings.map(({ name, label }) => [name, label]))
  const { state, pending, notice, revision, props } = useActionForm<SettingsState>(changeSettingsAction, {
    ok: false,
    values,
    detail: "",
    fields: {},
    revision: filledWith,
  })
  return (
    <form {...props} className="grid gap-6">
      <Outcome state={state} notice={notice} saved="Settings saved." labels={labels} />
      <input type="hidden" name="revision" value={revision} />
      {settings.map(({ name, label, hint, default_value }) => (
        <Field
          key={name}
          label={label}
          id={name}
          error={state.fields[name]}
          hint={`${hint} Default: ${default_value} (${name}).`}
        >
          {(control) =>
            choices[name] ? (
              <Select {...control} name={name} defaultValue={state.values[name]}>
                <option value="">Default ({default_value})</option>
                {Object.entries(choices[name]).map(([value, words]) => (
                  <option key={value} value={value}>
                    {words}
                  </option>
                ))}
              </Select>
            ) : (
              <TextInput
                {...control}
                name={name}
                inputMode="decimal"
                defaultValue={state.values[name]}
                placeholder={default_value}
                autoComplete="off"
                className="max-w-48 tabular-nums"
              />
            )
          }
        </Field>
      ))}
      <div>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Saving…">
          Save settings
        </Button>
      </div>
    </form>
  )
}
