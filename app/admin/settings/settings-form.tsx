"use client"

import { Button } from "@/components/ui/button"
import { Field, Select, TextInput } from "@/components/ui/field"
import { useActionForm } from "@/components/use-action-form"
import { Outcome } from "../../account/profile-form"
import { changeSettingsAction, type SettingsState } from "../actions"

type Setting = { name: string; label: string; hint: string; set: string; usual: string }

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
      {settings.map(({ name, label, hint, usual }) => (
        <Field
          key={name}
          label={label}
          id={name}
          error={state.fields[name]}
          hint={`${hint} Default: ${usual} (${name}).`}
        >
          {(control) =>
            name === "SIGNUP" ? (
              <Select {...control} name={name} defaultValue={state.values[name]}>
                <option value="">Default ({usual})</option>
                <option value="open">Open: visitors can create accounts</option>
                <option value="closed">Closed: only administrators can</option>
              </Select>
            ) : (
              <TextInput
                {...control}
                name={name}
                inputMode="decimal"
                defaultValue={state.values[name]}
                placeholder={usual}
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
