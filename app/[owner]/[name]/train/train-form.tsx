"use client"

import { useState } from "react"

import type { CreateValues } from "@/app/create/prefill"
import { InputField } from "@/components/run/input-field"
import { controlOf, wholeInput } from "@/components/run/read-input"
import { branchOf } from "@/components/run/union"
import { Button, ButtonLink } from "@/components/ui/button"
import { ErrorSummary } from "@/components/ui/error-summary"
import { Field, TextArea, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { usdPerSecond } from "@/lib/hardware/price"
import type { OwnerChoiceBody } from "@/lib/organizations/present"
import type { Field as Input, Form } from "@/lib/versions/read-form"
import { trainModelAction, type TrainState } from "./actions"
import { DataChecks } from "./data-checks"
import { DestinationFields } from "./destination-fields"

type Props = {
  trainer: { owner: string; name: string; version: string }
  form: Pick<Form, "inputs" | "too_large">
  hardware: { name: string; usd_per_second: string } | null
  destinations: string[]
  owners: OwnerChoiceBody[]
  /** The viewer's username; empty if signed out. */
  account: string
  values: Record<string, string>
  formKey: string
  signIn: string | null
  origin: string
}

/** Inputs shown; the rest are folded. */
const atOnce = 6
/** The IDs that error links point to. */
const idOf = (field: string) => (field === "visibility" ? "visibility-public" : field)

/** The form to start a training: destination, inputs and cost. */
export function TrainForm(given: Props) {
  const { trainer, form: schema, hardware, destinations, owners, account, values, formKey, signIn, origin } = given
  const [initial] = useState<TrainState>({ ok: false, values, detail: "", fields: {} })
  const { form, state, pending, notice, props } = useActionForm<TrainState, CreateValues>(trainModelAction, initial, {
    fields: ["name", "owner", "visibility"],
  })
  const problems = Object.entries(state.fields).map(([field, message]) => ({
    field: idOf(field),
    message: `${field === "cost_limit_usd" ? "Cost limit" : field.replace(/^input\./, "")}: ${message}`,
  }))
  const input = (one: Input) => {
    const control = controlOf(one.name)
    return (
      <InputField
        key={one.name}
        field={one}
        text={state.values[control] ?? values[control] ?? ""}
        branch={state.values[branchOf(one.name)]}
        error={state.fields[control]}
        uploads={signIn === null}
        changed={ignoreChange}
      />
    )
  }
  const [first, rest] = [schema.inputs.slice(0, atOnce), schema.inputs.slice(atOnce)]

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-[minmax(0,1fr)_20rem] lg:gap-14">
      <form {...props} id="train" className="flex min-w-0 flex-col gap-8">
        <input type="hidden" name="trainer_owner" value={trainer.owner} />
        <input type="hidden" name="trainer_name" value={trainer.name} />
        <input type="hidden" name="trainer_version" value={trainer.version} />
        <input type="hidden" name="form_key" value={formKey} />
        {state.detail && problems.length === 0 && (
          <div ref={notice} tabIndex={-1}>
            <Notice kind="danger" role="alert">
              {state.detail}
            </Notice>
          </div>
        )}
        <ErrorSummary errors={problems} />
        {signIn === null && (
          <DestinationFields
            key={state.values.existing}
            form={form}
            values={state.values}
            destinations={withMade(destinations, state.values.existing)}
            owners={owners}
            account={account}
            complaints={state.fields}
            origin={origin}
          />
        )}
        <section aria-labelledby="training-input" className="flex flex-col gap-6">
          <h2 id="training-input">Training input</h2>
          {schema.too_large ? (
            <Field label="Input" id={wholeInput} error={state.fields[wholeInput]} hint="A JSON object.">
              {(control) => (
                <TextArea
                  {...control}
                  name={wholeInput}
                  rows={10}
                  mono
                  defaultValue={state.values[wholeInput] ?? "{}"}
                />
              )}
            </Field>
          ) : (
            first.map(input)
          )}
          {!schema.too_large && schema.inputs.length === 0 && (
            <p className="text-muted">This model has no training inputs.</p>
          )}
          {rest.length > 0 && !schema.too_large && (
            <details
              className="border-t border-line pt-4"
              open={rest.some(({ name }) => state.fields[controlOf(name)]) || undefined}
            >
              <summary className="min-h-8 font-semibold">
                <span>{`${rest.length} more inputs`}</span>
                <span className="ml-2 font-mono text-sm font-normal text-muted">{rest[0]!.name}, …</span>
              </summary>
              <div className="mt-4 flex flex-col gap-6">{rest.map(input)}</div>
            </details>
          )}
          {state.checks && <DataChecks checks={state.checks} />}
        </section>
      </form>
      <aside aria-label="Cost and start" className="lg:sticky lg:top-6 lg:self-start">
        <div className="grid gap-5 rounded-xl border border-line bg-surface p-5">
          <Cost hardware={hardware} text={state.values.cost_limit_usd ?? ""} error={state.fields.cost_limit_usd} />
          {signIn === null ? (
            <div className="grid gap-3">
              <Button type="submit" form="train" variant="primary" wide pending={pending} pendingLabel="Checking…">
                Train
              </Button>
              <Button type="submit" form="train" name="check" value="1" wide disabled={pending}>
                Check the data only
              </Button>
            </div>
          ) : (
            <ButtonLink href={signIn} variant="primary">
              Sign in to train
            </ButtonLink>
          )}
          <p className="text-sm text-muted">
            Your data is checked before you are charged. The training’s page shows logs, the loss curve, the weights and
            the new version.
          </p>
        </div>
      </aside>
    </div>
  )
}

/** Adds the model that was created for a training that was then rejected. */
const withMade = (destinations: string[], made: string | undefined) =>
  made && !destinations.includes(made) ? [made, ...destinations] : destinations

function Cost({ hardware, text, error }: { hardware: Props["hardware"]; text: string; error: string | undefined }) {
  const [limit, setLimit] = useState(text)
  const seconds = hardware && Number(limit) > 0 ? Number(limit) / Number(hardware.usd_per_second) : null
  return (
    <>
      {hardware && (
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          <dt className="text-muted">Hardware</dt>
          <dd className="text-right">{hardware.name}</dd>
          <dt className="text-muted">Price</dt>
          <dd className="text-right tabular-nums">{`${usdPerSecond(hardware.usd_per_second)} per second`}</dd>
        </dl>
      )}
      <Field
        label="Cost limit"
        mark="optional"
        id="cost_limit_usd"
        error={error}
        hint={
          seconds === null
            ? "In US dollars. The training is canceled when its cost reaches this."
            : `The training is canceled after ${inWords(seconds)}.`
        }
      >
        {(control) => (
          <TextInput
            {...control}
            form="train"
            name="cost_limit_usd"
            value={limit}
            onChange={(event) => setLimit(event.target.value)}
            inputMode="decimal"
            placeholder="2.50"
            autoComplete="off"
          />
        )}
      </Field>
    </>
  )
}

const inWords = (seconds: number) =>
  seconds < 120
    ? `${Math.max(1, Math.round(seconds))} seconds`
    : seconds < 7200
      ? `${Math.round(seconds / 60)} minutes`
      : `${(seconds / 3600).toFixed(1)} hours`

/** Nothing in this form depends on the values while they are typed. */
const ignoreChange = () => {}
