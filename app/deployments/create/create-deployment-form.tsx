"use client"

import { useState } from "react"

import { Button } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import { ErrorSummary } from "@/components/ui/error-summary"
import { Field, Select, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { trafficDays, typicalCost, type Traffic } from "@/lib/deployments/estimate"
import { createDeploymentSnippet } from "@/lib/deployments/snippets"
import { createDeploymentAction } from "../actions"
import { Estimate } from "../estimate"
import { createFields, type CreateValues } from "../fields"
import type { HardwareChoice } from "../load"
import { NameField } from "./name-field"
import { ReleaseFields } from "../release-fields"
import { useTraffic } from "./use-traffic"

type Props = {
  owners: string[]
  hardware: HardwareChoice[]
  values: CreateValues
  /** What the owner ran of the model lately. */
  traffic: Traffic | null
  origin: string
}

const labels: Record<string, string> = { owner: "Owner", name: "Name", model: "Model", version: "Version" }

/** Creates a deployment; what it costs follows what is typed. */
export function CreateDeploymentForm({ owners, hardware, values: initial, traffic, origin }: Props) {
  const { state, pending, notice, props } = useActionForm(createDeploymentAction, {
    ok: false,
    values: initial,
    detail: "",
    fields: {},
  })
  const { fields: errors, values } = state
  const [typed, setTyped] = useState<CreateValues>(values)
  const note = (name: keyof CreateValues, value: string) => setTyped((before) => ({ ...before, [name]: value }))
  const recent = useTraffic(typed.owner, typed.model, traffic)
  const row = hardware.find(({ sku }) => sku === typed.hardware)
  const problems = createFields.flatMap((field) =>
    errors[field] ? [{ field, message: `${labels[field] ? `${labels[field]}: ` : ""}${errors[field]}` }] : [],
  )
  const text = (name: keyof CreateValues) => ({
    name,
    defaultValue: values[name],
    autoComplete: "off",
    autoCapitalize: "none",
    spellCheck: false,
    onChange: ({ target }: { target: HTMLInputElement }) => note(name, target.value),
  })

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-[minmax(0,1fr)_22rem] lg:gap-14">
      <form {...props} className="flex min-w-0 flex-col gap-6">
        {state.detail && problems.length === 0 && (
          <div ref={notice} tabIndex={-1}>
            <Notice kind="danger" role="alert">
              {state.detail}
            </Notice>
          </div>
        )}
        <ErrorSummary errors={problems} />
        <div className="grid gap-x-5 gap-y-6 sm:grid-cols-[minmax(0,1fr)_14rem]">
          <NameField
            owner={typed.owner}
            name={typed.name}
            initial={values.name}
            complaint={errors.name}
            onChange={(name) => note("name", name)}
          />
          <Field label="Owner" id="owner" error={errors.owner} hint="Pays for its instances.">
            {(control) => (
              <Select
                {...control}
                name="owner"
                defaultValue={values.owner}
                onChange={({ target }) => note("owner", target.value)}
              >
                {owners.map((owner) => (
                  <option key={owner}>{owner}</option>
                ))}
              </Select>
            )}
          </Field>
        </div>
        <Field label="Model" id="model" error={errors.model} hint="As owner/name.">
          {(control) => <TextInput {...control} {...text("model")} mono placeholder="owner/name" maxLength={300} />}
        </Field>
        <div className="grid gap-x-5 gap-y-6 sm:grid-cols-2">
          <Field label="Version" id="version" error={errors.version} hint="A version ID, or a tag such as latest.">
            {(control) => <TextInput {...control} {...text("version")} mono maxLength={100} />}
          </Field>
          <Field
            label="Follow a tag"
            mark="optional"
            id="follows"
            error={errors.follows}
            hint="When the tag moves to another version, so does the deployment."
          >
            {(control) => <TextInput {...control} {...text("follows")} mono placeholder="stable" maxLength={128} />}
          </Field>
        </div>
        <ReleaseFields hardware={hardware} values={values} errors={errors} onChange={note} />
        <Field
          label="Monthly limit"
          mark="optional"
          id="monthly_cap_usd"
          error={errors.monthly_cap_usd}
          hint="In US dollars. The deployment is disabled when its cost in a month reaches this."
        >
          {(control) => (
            <TextInput
              {...control}
              {...text("monthly_cap_usd")}
              inputMode="decimal"
              maxLength={20}
              className="max-w-40 tabular-nums"
            />
          )}
        </Field>
        <div>
          <Button type="submit" variant="primary" pending={pending} pendingLabel="Creating…">
            Create deployment
          </Button>
        </div>
      </form>
      <div className="grid content-start gap-5 lg:sticky lg:top-6">
        <Estimate
          usdPerSecond={row?.usd_per_second}
          min={typed.min_instances}
          max={typed.max_instances}
          typical={recent && typicalCost(row?.usd_per_second, [typed.min_instances, typed.max_instances], recent)}
        >
          {recent
            ? `Typical is what ${recent.owner} ran of ${recent.model} in the last ${trafficDays} days, ${hoursOf(recent)} of instances.`
            : `Typical needs traffic: ${typed.owner} has not run this model in the last ${trafficDays} days.`}
        </Estimate>
        <Disclosure summary="Create with the API">
          <CodeBlock code={createDeploymentSnippet(origin, bodyOf(typed))} label="Create a deployment with cURL" wrap />
        </Disclosure>
      </div>
    </div>
  )
}

/** "2.5 hours", or minutes or seconds where that is short. */
function hoursOf({ seconds }: Traffic): string {
  const [amount, unit] =
    seconds >= 5400 ? [seconds / 3600, "hours"] : seconds >= 90 ? [seconds / 60, "minutes"] : [seconds, "seconds"]
  return `${amount.toLocaleString("en-US", { maximumFractionDigits: 1 })} ${unit}`
}

/** The body that the form amounts to; what is blank is left out, and a name that is missing has a placeholder. */
function bodyOf({ owner: _owner, min_instances, max_instances, ...texts }: CreateValues) {
  const filled = Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim() !== ""))
  return {
    name: "NAME",
    ...filled,
    min_instances: Number(min_instances) || 0,
    max_instances: Number(max_instances) || 0,
  }
}
