"use client"

import { type KeyboardEvent, useState } from "react"
import { useWatch } from "react-hook-form"

import { deploymentDraft } from "@/components/draft-keys"
import { DraftNotice } from "@/components/draft-notice"
import { isSubmitShortcut } from "@/components/is-submit-shortcut"
import { Button } from "@/components/ui/button"
import { Disclosure } from "@/components/ui/disclosure"
import { ErrorSummary } from "@/components/ui/error-summary"
import { Field, Select, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { type Takes, useEarlyChoices } from "@/components/use-early-choices"
import { useFormDraft } from "@/components/use-form-draft"
import type { Traffic } from "@/lib/deployments/estimate"
import { freshForm } from "@/lib/next/form"
import { createDeploymentAction } from "../actions"
import { createFields, type CreateValues } from "../fields"
import type { HardwareChoice } from "../load"
import { ReleaseFields } from "../release-fields"
import { NameField } from "./name-field"
import { Summary } from "./summary"

type Props = {
  /** The viewer's username. */
  account: string
  /** Makes the submit idempotent: without scripts, nothing else prevents that a double click sends it twice. */
  formKey: string
  owners: string[]
  hardware: HardwareChoice[]
  values: CreateValues
  /** Whether the URL prefilled the form; then a draft is only restored if it was saved under the same query. */
  prefilled: boolean
  /** The owner in the URL, which replaces that of a restored draft. */
  askedOwner: string | null
  /** The owner's recent traffic to the model. */
  traffic: Traffic | null
  origin: string
}

const labels: Record<string, string> = { owner: "Owner", name: "Name", model: "Model", version: "Version" }

const advanced = [
  [
    "idle_seconds",
    "Idle seconds",
    "Seconds until an idle instance above the minimum stops. Leave empty to derive it from the boot time.",
  ],
  ["buffer_instances", "Spare instances", "Ready instances beyond those needed, while there is work."],
  ["queue_limit", "Queue limit", "Maximum number of queued predictions. Further requests get 429."],
  ["run_limit_minutes", "Time limit", "Maximum run time of a prediction, in minutes."],
  ["setup_limit_minutes", "Set-up limit", "Maximum set-up time of an instance in minutes, 1 to 180."],
] as const

/** The form to create a deployment, with its cost and the request as code beside it. */
export function CreateDeploymentForm({
  account,
  formKey,
  owners,
  hardware,
  values,
  prefilled,
  askedOwner,
  traffic,
  origin,
}: Props) {
  const { state, pending, form, complaints, notice, element, props, text } = useActionForm(
    createDeploymentAction,
    freshForm(values),
    { fields: createFields },
  )
  form.register("name")
  const now = { ...state.values, ...useWatch({ control: form.control }) } as CreateValues
  const takes: Takes = {
    owner: (username) => owners.includes(username),
    hardware: (wanted) => hardware.some(({ sku }) => sku === wanted),
  }
  const restored = useFormDraft(form, now, {
    draft: deploymentDraft(account),
    fields: createFields,
    takes,
    askedOwner,
    prefilled,
    refused: state.detail !== "",
  })
  useEarlyChoices("create-deployment", form, takes, state.values)
  const problems = createFields.flatMap((field) =>
    complaints[field] ? [{ field, message: `${labels[field] ? `${labels[field]}: ` : ""}${complaints[field]}` }] : [],
  )
  // Advanced settings open if a draft or an error is in them, and then stay open.
  const isUsed = advanced.some(([name]) => complaints[name] || now[name] !== "")
  const [opened, setOpened] = useState(isUsed)
  if (isUsed && !opened) setOpened(true)
  const plain = (name: keyof CreateValues) => ({
    ...text(name),
    autoComplete: "off",
    autoCapitalize: "none",
    spellCheck: false,
  })
  const select = (name: "owner" | "hardware") => ({ ...form.register(name), defaultValue: state.values[name] })

  function submitWithShortcut(event: KeyboardEvent) {
    if (isSubmitShortcut(event)) element.current?.requestSubmit()
  }

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-[minmax(0,1fr)_22rem] lg:gap-14">
      <form {...props} id="create-deployment" onKeyDown={submitWithShortcut} className="flex min-w-0 flex-col gap-6">
        <input type="hidden" name="form_key" value={formKey} />
        {restored.is && <DraftNotice discard={restored.discard} />}
        {state.detail && problems.length === 0 && Object.keys(state.fields).length === 0 && (
          <div ref={notice} tabIndex={-1}>
            <Notice kind="danger" role="alert">
              {state.detail}
            </Notice>
          </div>
        )}
        <ErrorSummary errors={problems} />
        <div className="grid gap-x-5 gap-y-6 sm:grid-cols-[minmax(0,1fr)_14rem]">
          <NameField
            form={form}
            owner={now.owner}
            name={now.name}
            initial={state.values.name}
            complaint={complaints.name}
          />
          <Field label="Owner" id="owner" error={complaints.owner} hint="Pays for its instances.">
            {(control) => (
              <Select {...control} {...select("owner")}>
                {owners.map((owner) => (
                  <option key={owner}>{owner}</option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Field label="Model" id="model" error={complaints.model} hint="As owner/name.">
          {(control) => <TextInput {...control} {...plain("model")} mono placeholder="owner/name" maxLength={300} />}
        </Field>
        <div className="grid gap-x-5 gap-y-6 sm:grid-cols-2">
          <Field label="Version" id="version" error={complaints.version} hint="A version ID, or a tag such as latest.">
            {(control) => <TextInput {...control} {...plain("version")} mono maxLength={100} />}
          </Field>
          <Field
            label="Follow a tag"
            mark="optional"
            id="follows"
            error={complaints.follows}
            hint="When the tag moves to another version, so does the deployment."
          >
            {(control) => <TextInput {...control} {...plain("follows")} mono placeholder="stable" maxLength={128} />}
          </Field>
        </div>
        <ReleaseFields
          hardware={hardware}
          errors={complaints}
          control={(name) => (name === "hardware" ? select(name) : text(name))}
        />
        <Field
          label="Monthly limit"
          mark="optional"
          id="monthly_cap_usd"
          error={complaints.monthly_cap_usd}
          hint="In US dollars. The deployment is disabled when its cost in a month reaches this."
        >
          {(control) => (
            <TextInput
              {...control}
              {...plain("monthly_cap_usd")}
              inputMode="decimal"
              maxLength={20}
              className="max-w-40 tabular-nums"
            />
          )}
        </Field>
        <Disclosure summary="Advanced" mark="optional" open={opened}>
          <div className="grid gap-x-5 gap-y-6 sm:grid-cols-2">
            {advanced.map(([name, label, hint]) => (
              <Field key={name} label={label} id={name} error={complaints[name]} hint={hint}>
                {(control) => (
                  <TextInput
                    {...control}
                    {...plain(name)}
                    inputMode="numeric"
                    maxLength={10}
                    className="max-w-40 tabular-nums"
                  />
                )}
              </Field>
            ))}
          </div>
        </Disclosure>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…">
            Create deployment
          </Button>
          <span className="text-sm text-muted pointer-coarse:hidden noscript:hidden">
            or press <kbd>Ctrl</kbd> <kbd>Enter</kbd>
          </span>
        </div>
      </form>
      <Summary
        values={now}
        own={now.owner === account}
        price={hardware.find(({ sku }) => sku === now.hardware)?.usd_per_second}
        traffic={traffic}
        origin={origin}
      />
    </div>
  )
}
