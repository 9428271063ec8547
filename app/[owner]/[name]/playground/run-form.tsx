"use client"

import { useState, useSyncExternalStore } from "react"

import { InputField } from "@/components/run/input-field"
import { PredictionView } from "@/components/run/prediction-view"
import { controlOf, wholeInput } from "@/components/run/read-input"
import { Button, ButtonLink } from "@/components/ui/button"
import { ErrorSummary } from "@/components/ui/error-summary"
import { Field, TextArea } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import type { PredictionBody } from "@/lib/models/example"
import type { Field as Input, Form } from "@/lib/versions/read-form"
import { runModelAction, type RunState } from "./actions"

type Props = {
  model: { owner: string; name: string; version: string }
  form: Pick<Form, "inputs" | "output" | "too_large">
  /** What each control starts with. */
  texts: Record<string, string>
  /** Where to sign in; null for who is signed in. */
  signIn: string | null
  /** A run whose output is shown when the page opens. */
  shown: PredictionBody | null
}

/** The inputs of a model on one side, what it gives on the other. */
export function RunForm({ model, form, texts, signIn, shown }: Props) {
  const [initial] = useState<RunState>({ ok: false, values: texts, detail: "", fields: {} })
  const { state, pending, notice, props } = useActionForm<RunState>(runModelAction, initial)
  const scripts = useScripts()
  const problems = Object.entries(state.fields).map(([field, message]) => ({
    field,
    message: `${field.replace(/^input\./, "")}: ${message}`,
  }))
  const prediction = state.prediction ?? shown

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-2">
      <section aria-labelledby="input-heading" className="min-w-0">
        <h2 id="input-heading" className="mb-4">
          Input
        </h2>
        <form {...props} className="flex flex-col gap-6">
          {Object.entries(model).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          {scripts && <input type="hidden" name="scripts" value="1" />}
          {state.detail && problems.length === 0 && (
            <div ref={notice} tabIndex={-1}>
              <Notice kind="danger" role="alert">
                {state.detail}
              </Notice>
            </div>
          )}
          <ErrorSummary errors={problems} />
          {form.too_large ? (
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
            <Inputs inputs={form.inputs} state={state} texts={texts} uploads={signIn === null} />
          )}
          <div className="sticky bottom-0 -mx-4 flex gap-3 border-t border-line bg-bg px-4 py-3">
            {signIn === null ? (
              <Button type="submit" variant="primary" pending={pending} pendingLabel="Starting…">
                Run
              </Button>
            ) : (
              <ButtonLink href={signIn} variant="primary">
                Sign in to run
              </ButtonLink>
            )}
            <Button type="reset" variant="quiet">
              Reset
            </Button>
          </div>
        </form>
      </section>
      <section aria-labelledby="output-heading" className="min-w-0">
        <h2 id="output-heading" className="mb-4">
          Output
        </h2>
        {prediction ? (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
            <PredictionView key={prediction.id} initial={prediction} output={form.output} />
            <a href={`/p/${prediction.id}`} className="link justify-self-start text-sm">
              Page of this run
            </a>
          </div>
        ) : (
          <p className="text-muted">Nothing has been run here yet.</p>
        )}
        {signIn === null && (
          <p className="mt-6 text-sm">
            <a href={`/predictions?model=${model.owner}/${model.name}`} className="link">
              Your runs of this model
            </a>
          </p>
        )}
      </section>
    </div>
  )
}

/** As many as people look at; the rest are folded. */
const atOnce = 6

function Inputs({
  inputs,
  state,
  texts,
  uploads,
}: {
  inputs: Input[]
  state: RunState
  texts: Record<string, string>
  uploads: boolean
}) {
  const field = (one: Input) => {
    const control = controlOf(one.name)
    return (
      <InputField
        key={one.name}
        field={one}
        text={state.values[control] ?? texts[control] ?? ""}
        error={state.fields[control]}
        uploads={uploads}
      />
    )
  }
  const [first, rest] = [inputs.slice(0, atOnce), inputs.slice(atOnce)]
  if (inputs.length === 0) return <p className="text-muted">This model takes no input.</p>
  return (
    <>
      {first.map(field)}
      {rest.length > 0 && (
        <details
          className="border-t border-line pt-4"
          open={rest.some(({ name }) => state.fields[controlOf(name)]) || undefined}
        >
          <summary className="min-h-8 font-semibold">
            <span>{`${rest.length} more inputs`}</span>
            <span className="ml-2 font-mono text-sm font-normal text-muted">{rest[0]!.name}, …</span>
          </summary>
          <div className="mt-4 flex flex-col gap-6">{rest.map(field)}</div>
        </details>
      )}
    </>
  )
}

const useScripts = () =>
  useSyncExternalStore(
    () => () => {},
    () => true,
    () => false,
  )
