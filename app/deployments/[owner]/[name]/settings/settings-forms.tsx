"use client"

import { useState } from "react"

import { ActionForm, SubmitButton } from "@/components/action-form"
import { SectionForm } from "@/components/section-form"
import { Field, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { trafficDays, typicalCost, type Traffic } from "@/lib/deployments/estimate"
import { freshForm } from "@/lib/next/form"
import { changeDeploymentAction, saveLimitsAction, updateDeploymentAction, warmAction } from "../../../actions"
import { Estimate } from "../../../estimate"
import { editFields, limitFields, type EditValues, type LimitValues } from "../../../fields"
import type { HardwareChoice } from "../../../load"
import { ReleaseFields } from "../../../release-fields"
import { Section } from "./section"

/** What the deployment runs. Saving creates a release. */
export function ReleaseForm({
  deployment,
  model,
  hardware,
  values,
  traffic,
}: {
  deployment: string
  model: string
  hardware: HardwareChoice[]
  values: EditValues
  /** Recent traffic of the deployment. */
  traffic: Traffic | null
}) {
  const section = useActionForm(updateDeploymentAction, freshForm(values), { fields: editFields })
  const { state } = section
  const [typed, setTyped] = useState(values)
  const errors = state.fields
  const row = hardware.find(({ sku }) => sku === typed.hardware)
  const plain = (name: keyof EditValues) => ({ name, defaultValue: state.values[name], autoComplete: "off" })
  return (
    <Section
      id="release"
      title="Release"
      about="Saving creates a new release. Its instances start first; the current release serves until they are ready."
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-8 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <SectionForm section={section} hidden={{ deployment }} label="Create release" pendingLabel="Creating…">
          <Field
            label="Version"
            id="version"
            error={errors.version}
            hint={`A version ID of ${model}, or a tag such as latest.`}
          >
            {(control) => <TextInput {...control} {...plain("version")} mono maxLength={130} spellCheck={false} />}
          </Field>
          <ReleaseFields
            hardware={hardware}
            errors={errors}
            control={(name) => ({
              ...plain(name),
              onChange: ({ currentTarget: { value } }) => setTyped((before) => ({ ...before, [name]: value })),
            })}
          />
          <div className="grid gap-x-5 gap-y-6 sm:grid-cols-2">
            <Field
              label="Idle seconds"
              mark="optional"
              id="idle_seconds"
              error={errors.idle_seconds}
              hint="Seconds until an idle instance above the minimum stops. Leave empty to derive it from the boot time."
            >
              {(control) => <TextInput {...control} {...plain("idle_seconds")} inputMode="numeric" maxLength={10} />}
            </Field>
            <Field
              label="Spare instances"
              mark="optional"
              id="buffer_instances"
              error={errors.buffer_instances}
              hint="Ready instances beyond those needed, while there is work."
            >
              {(control) => (
                <TextInput {...control} {...plain("buffer_instances")} inputMode="numeric" maxLength={10} />
              )}
            </Field>
            <Field
              label="Canary percentage"
              mark="optional"
              id="canary_percent"
              error={errors.canary_percent}
              hint="1 to 50: the percentage of predictions that go to the release first."
            >
              {(control) => <TextInput {...control} {...plain("canary_percent")} inputMode="numeric" maxLength={10} />}
            </Field>
            <Field
              label="Canary minutes"
              mark="optional"
              id="canary_minutes"
              error={errors.canary_minutes}
              hint="10 by default. The rollout fails if the release does worse."
            >
              {(control) => <TextInput {...control} {...plain("canary_minutes")} inputMode="numeric" maxLength={10} />}
            </Field>
          </div>
        </SectionForm>
        <div>
          <Estimate
            usdPerSecond={row?.usd_per_second}
            min={typed.min_instances}
            max={typed.max_instances}
            typical={traffic && typicalCost(row?.usd_per_second, [typed.min_instances, typed.max_instances], traffic)}
          >
            {traffic
              ? `Typical is its average of the last ${trafficDays} days, within the minimum and the maximum.`
              : `Typical needs traffic: it had no instances in the last ${trafficDays} days.`}
          </Estimate>
        </div>
      </div>
    </Section>
  )
}

/** Limits, which apply immediately, without a new release. */
export function LimitsForm({ deployment, values }: { deployment: string; values: LimitValues }) {
  const section = useActionForm(saveLimitsAction, freshForm(values), { fields: limitFields })
  const { text, complaints } = section
  const fields = [
    ["follows", "Follow a tag", "When this tag of the model moves to another version, so does the deployment.", "text"],
    [
      "monthly_cap_usd",
      "Monthly limit",
      "In US dollars. The deployment is disabled when its cost in a month reaches this.",
      "decimal",
    ],
    ["queue_limit", "Queue limit", "Maximum number of queued predictions. Further requests get 429.", "numeric"],
    ["run_limit_minutes", "Time limit", "Maximum run time of a prediction, in minutes.", "numeric"],
    ["setup_limit_minutes", "Set-up limit", "Maximum set-up time of an instance in minutes, 1 to 180.", "numeric"],
  ] as const
  return (
    <Section id="limits" title="Limits" about="Changes apply immediately. Leave a field empty for no limit.">
      <SectionForm section={section} hidden={{ deployment }} label="Save limits" pendingLabel="Saving…">
        <div className="grid gap-x-5 gap-y-6 sm:grid-cols-2">
          {fields.map(([name, label, hint, mode]) => (
            <Field key={name} label={label} mark="optional" id={name} error={complaints[name]} hint={hint}>
              {(control) => (
                <TextInput {...control} {...text(name)} inputMode={mode} autoComplete="off" maxLength={130} />
              )}
            </Field>
          ))}
        </div>
      </SectionForm>
    </Section>
  )
}

/** Boots instances before they are needed. */
export function WarmForm({ deployment, most, disabled }: { deployment: string; most: number; disabled: boolean }) {
  const section = useActionForm(warmAction, freshForm({ instances: "1", minutes: "30" }), {
    fields: ["instances", "minutes"],
  })
  const { text, complaints } = section
  return (
    <Section id="warm" title="Boot now" about="Starts instances ahead of a peak, regardless of the minimum.">
      <SectionForm
        section={section}
        hidden={{ deployment }}
        label="Boot"
        pendingLabel="Booting…"
        disabled={disabled || most === 0}
      >
        <div className="grid max-w-md gap-x-5 gap-y-6 sm:grid-cols-2">
          <Field label="Instances" id="instances" error={complaints.instances} hint={`At most ${most}.`}>
            {(control) => (
              <TextInput {...control} {...text("instances")} inputMode="numeric" autoComplete="off" maxLength={3} />
            )}
          </Field>
          <Field label="Minutes" id="minutes" error={complaints.minutes} hint="How long to keep them ready.">
            {(control) => (
              <TextInput {...control} {...text("minutes")} inputMode="numeric" autoComplete="off" maxLength={5} />
            )}
          </Field>
        </div>
      </SectionForm>
    </Section>
  )
}

/** Disabling and deleting. */
export function DangerForms({
  deployment,
  disabled,
  blockers,
}: {
  deployment: string
  disabled: boolean
  blockers: string[]
}) {
  return (
    <>
      <Section
        id="disable"
        title={disabled ? "Enable" : "Disable"}
        about={
          disabled
            ? "Accepts predictions again and starts the minimum number of instances."
            : "Stops its instances and rejects predictions until you enable it again. A disabled deployment costs nothing."
        }
      >
        <ActionForm action={changeDeploymentAction}>
          <input type="hidden" name="deployment" value={deployment} />
          <SubmitButton
            name="change"
            value={disabled ? "enable" : "disable"}
            pendingLabel={disabled ? "Enabling…" : "Disabling…"}
          >
            {disabled ? "Enable deployment" : "Disable deployment"}
          </SubmitButton>
        </ActionForm>
      </Section>
      <Section
        id="delete"
        title="Delete"
        about="Its endpoint then returns 404, and its releases and metrics are deleted."
      >
        {blockers.length > 0 ? (
          <Notice kind="info">
            {blockers.map((blocker) => (
              <p key={blocker}>{blocker}</p>
            ))}
          </Notice>
        ) : (
          <ActionForm action={changeDeploymentAction} className="flex flex-wrap items-center gap-3">
            <input type="hidden" name="deployment" value={deployment} />
            <SubmitButton name="change" value="delete" variant="danger" pendingLabel="Deleting…">
              Delete deployment
            </SubmitButton>
          </ActionForm>
        )}
      </Section>
    </>
  )
}
