"use client"

import { useEffect, useRef, useState } from "react"

import { complaintOf } from "@/components/run/check-value"
import { codeTabs } from "@/components/run/code-tabs"
import { InputField } from "@/components/run/input-field"
import { holdsSecret, pathWithInput } from "@/components/run/input-address"
import { jsonText } from "@/components/run/json-text"
import { PredictionView } from "@/components/run/prediction-view"
import { controlOf, readInput, readWholeInput, textsFor, wholeInput, type ReadInput } from "@/components/run/read-input"
import { RunEstimate } from "@/components/run/run-estimate"
import { branchOf } from "@/components/run/union"
import { usePatterns } from "@/components/run/use-patterns"
import { useScripts } from "@/components/use-scripts"
import { isSubmitShortcut } from "@/components/is-submit-shortcut"
import { Button } from "@/components/ui/button"
import { CopyButton } from "@/components/ui/copy-button"
import { ErrorSummary } from "@/components/ui/error-summary"
import { Field, TextArea } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { Tabs } from "@/components/ui/tabs"
import { useActionForm } from "@/components/use-action-form"
import { wasEdited } from "@/components/was-edited"
import type { PredictionBody } from "@/lib/models/prediction-body"
import type { Estimate } from "@/lib/predictions/estimate"
import type { RunProgress } from "@/lib/predictions/progress"
import type { Fields } from "@/lib/problem"
import type { PullableImage } from "@/lib/registry/snippets"
import type { Field as Input, Form } from "@/lib/versions/read-form"
import { runModelAction, type RunState } from "./actions"
import { useSignInDraft } from "./use-sign-in-draft"

type Props = {
  model: { owner: string; name: string; version: string }
  /** Without scripts, nothing else prevents that a double click runs it twice. */
  formKey: string
  origin: string
  image: PullableImage | null
  form: Pick<Form, "inputs" | "output" | "too_large">
  /** The initial text of each control. */
  texts: Record<string, string>
  /** The path of the sign-in page; null if signed in. */
  signIn: string | null
  /** The run that is shown when the page opens. */
  shown: PredictionBody | null
  /** Whether only a part of its output is given. */
  isCut: boolean
  progress: RunProgress | null
  mayCancel: boolean
  /** The run, if the viewer may keep and share it, with the time at which its data expires. */
  own: { id: string; expires_at: string | null } | null
  estimate: Estimate | null
}

/** The playground: the form of a model's inputs, and the output of the run. */
export function RunForm({
  model,
  formKey,
  origin,
  image,
  form,
  texts,
  signIn,
  shown,
  isCut,
  progress,
  mayCancel,
  own,
  estimate,
}: Props) {
  const [initial] = useState<RunState>({ ok: false, values: texts, detail: "", fields: {} })
  const { state, pending, notice, element, props } = useActionForm<RunState>(runModelAction, initial)
  const scripts = useScripts()
  // The page is refreshed with the input of the run that has ended, which is no reason to reset to that one.
  const input = useInput(form, initial.values, element)
  const errors = useErrors(form.inputs, input.read, state)
  // Reads what was typed before hydration.
  useEffect(() => {
    if (element.current && wasEdited(element.current)) input.refresh()
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])
  const problems = Object.entries(state.fields).map(([field, message]) => ({
    field,
    message: `${field.replace(/^input\./, "")}: ${message}`,
  }))
  const prediction = state.prediction ?? shown
  const ran = state.prediction?.id
  const gives = useRef<HTMLElement>(null)
  // Reloading, refreshing, or returning to the page shows the same run. With the state of the router, the router would
  // not notice the new address.
  useEffect(() => {
    if (!ran) return
    history.replaceState(null, "", `?prediction=${ran}`)
    // On small screens, the output is below the form.
    const { top } = gives.current!.getBoundingClientRect()
    if (top > innerHeight) gives.current!.scrollIntoView()
  }, [ran])
  const secrets = form.inputs.filter(holdsSecret).map(({ name }) => name)
  const name = `${model.owner}/${model.name}`
  const draft = useSignInDraft(name, form.inputs, input.restore)
  const path = form.too_large ? null : pathWithInput(model, form.inputs, input.read.input)
  function leaveForSignIn() {
    draft.leave(input.textsNow(), path ?? `/${name}/playground?version=${model.version}`)
  }
  const code = codeTabs({
    origin,
    model: name,
    version: model.version,
    input: input.read.input,
    secrets,
    streams: form.output.arrives !== "at once",
    image,
  })

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-2">
      <section aria-labelledby="input-heading" className="min-w-0">
        <h2 id="input-heading" className="mb-4">
          Input
        </h2>
        <form
          {...props}
          onSubmit={
            signIn === null
              ? props.onSubmit
              : (event) => {
                  event.preventDefault()
                  leaveForSignIn()
                }
          }
          onInput={({ target }) => {
            input.refresh()
            errors.touch((target as unknown as { name?: string }).name?.replace(/^branch\./, "input."))
          }}
          onReset={input.reset}
          onKeyDown={(event) => {
            if (isSubmitShortcut(event)) element.current?.requestSubmit()
          }}
          className="flex flex-col gap-6"
        >
          {Object.entries(model).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          {scripts ? (
            <input type="hidden" name="scripts" value="1" />
          ) : (
            <input type="hidden" name="form_key" value={formKey} />
          )}
          {state.detail && problems.length === 0 && (
            <div ref={notice} tabIndex={-1}>
              <Notice kind="danger" role="alert">
                <span>{state.detail}</span>
                {signIn !== null && (
                  <a href={signIn} target="_blank" className="link ml-1.5">
                    Sign in in a new tab
                  </a>
                )}
              </Notice>
            </div>
          )}
          <ErrorSummary errors={problems} />
          <Tabs
            label="Input as"
            tabs={[
              {
                id: "form",
                label: form.too_large ? "JSON" : "Form",
                panel: (
                  <div key={input.times} className="flex flex-col gap-6 pt-5">
                    {form.too_large ? (
                      <Field label="Input" id={wholeInput} error={errors.of[wholeInput]} hint="A JSON object.">
                        {(control) => (
                          <TextArea
                            {...control}
                            name={wholeInput}
                            rows={10}
                            mono
                            defaultValue={input.texts[wholeInput] ?? "{}"}
                          />
                        )}
                      </Field>
                    ) : (
                      <Inputs
                        inputs={form.inputs}
                        errors={errors.of}
                        texts={input.times === 0 ? { ...input.texts, ...state.values } : input.texts}
                        uploads={signIn === null}
                        changed={input.refresh}
                      />
                    )}
                  </div>
                ),
              },
              ...(form.too_large ? [] : [{ id: "json", label: "JSON", panel: <JsonEditor input={input} /> }]),
              ...code.map(({ panel, ...tab }) => ({
                ...tab,
                panel: (
                  <div className="mt-4 overflow-hidden rounded-lg border border-line noscript:hidden">{panel}</div>
                ),
              })),
            ]}
          />
          <div className="bottom-bar sticky bottom-0 -mx-4 grid gap-2 border-t border-line bg-bg px-4 py-3">
            <div className="flex flex-wrap gap-3">
              <Button type="submit" variant="primary" pending={pending} pendingLabel="Starting…">
                {signIn === null ? "Run" : "Sign in to run"}
              </Button>
              <Button type="reset" variant="quiet">
                Reset
              </Button>
              {path ? (
                <CopyButton
                  text={origin + path}
                  label="Copy link to this input"
                  worded="Copy link"
                  className="self-center"
                />
              ) : (
                !form.too_large && (
                  <span className="self-center text-sm text-muted noscript:hidden">Too long for a link</span>
                )
              )}
              {signIn === null && (
                <p className="self-center text-sm text-muted pointer-coarse:hidden noscript:hidden">
                  <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs it, <kbd>Enter</kbd> starts a new line
                </p>
              )}
            </div>
            {estimate && <RunEstimate estimate={estimate} />}
          </div>
        </form>
      </section>
      <section ref={gives} aria-labelledby="output-heading" className="min-w-0">
        <h2 id="output-heading" className="mb-4">
          Output
        </h2>
        {prediction ? (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
            <PredictionView
              key={prediction.id}
              initial={prediction}
              output={form.output}
              isCut={isCut && prediction === shown}
              progress={prediction === shown ? progress : null}
              cancels={prediction === shown ? mayCancel : signIn === null}
            />
            <p className="flex flex-wrap gap-x-6 text-sm">
              <a href={`/p/${prediction.id}`} className="link">
                Page of this run
              </a>
              {own?.id === prediction.id && (
                <a href={`/p/${prediction.id}#share`} className="link">
                  Share
                </a>
              )}
            </p>
            {own?.id === prediction.id && own.expires_at && (
              <p className="text-sm text-muted">
                <span>Input, output and logs are removed on </span>
                <time dateTime={own.expires_at}>{`${own.expires_at.slice(0, 16).replace("T", " ")} UTC`}</time>
                <span>, unless you keep them on the page of this run.</span>
              </p>
            )}
          </div>
        ) : (
          <p className="text-muted">Nothing has been run here yet.</p>
        )}
        {signIn === null && (
          <p className="mt-6 text-sm">
            <a href={`/predictions?model=${name}`} className="link mr-6">
              Your runs of this model
            </a>
            <a href={`/${name}/batch`} className="link">
              Run many inputs
            </a>
          </p>
        )}
      </section>
    </div>
  )
}

type FormRef = { current: HTMLFormElement | null }

/** The input in the form, read again on every change. The controls are uncontrolled. */
function useInput({ inputs, too_large }: Props["form"], first: Record<string, string>, form: FormRef) {
  const [filled, setFilled] = useState({ texts: first, times: 0 })
  const readTexts = (texts: Record<string, string>) =>
    too_large ? readWholeInput(texts[wholeInput] ?? "") : readInput(inputs, (control) => texts[control])
  const [read, setRead] = useState<ReadInput>(() => readTexts(first))
  const textsNow = () =>
    Object.fromEntries(
      [...new FormData(form.current!)].flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
    ) as Record<string, string>
  const secrets = inputs.filter(holdsSecret).map(({ name }) => name)

  return {
    ...filled,
    read,
    /** Names of secret inputs, which only the form shows, hidden. */
    secrets,
    names: inputs.map(({ name }) => name),
    textsNow,
    refresh: () => setRead(readTexts(textsNow())),
    /** Sets the controls to texts from a draft. */
    restore: (typed: Record<string, string>) => {
      const texts = { ...first, ...typed }
      setFilled(({ times }) => ({ texts, times: times + 1 }))
      setRead(readTexts(texts))
    },
    /** Sets the controls to an input, except secrets. */
    fill: (input: Record<string, unknown>) => {
      const texts = textsFor(inputs, input)
      const now = textsNow()
      for (const name of secrets) texts[controlOf(name)] = now[controlOf(name)] ?? ""
      setFilled(({ times }) => ({ texts, times: times + 1 }))
      setRead(readTexts(texts))
    },
    reset: () => {
      setFilled(({ times }) => ({ texts: first, times: times + 1 }))
      setRead(readTexts(first))
    },
  }
}

/** Milliseconds without typing after which an input is checked. */
const pauseInTyping = 700

/**
 * The errors of the inputs: those of the server until the input changes, and those found in the browser in inputs that
 * were edited.
 */
function useErrors(inputs: Input[], { input, complaints }: ReadInput, state: RunState) {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const [judged, setJudged] = useState({ state, input })
  // Errors of the server apply to the input that was sent.
  if (judged.state !== state) setJudged({ state, input })
  const missed = usePatterns(inputs, input)
  const of: Fields = { ...(state.fields[wholeInput] && { [wholeInput]: state.fields[wholeInput] }) }
  for (const field of inputs) {
    const control = controlOf(field.name)
    const same = jsonText(judged.input[field.name]) === jsonText(input[field.name])
    const own = touched.has(control)
      ? (complaints[control] ??
        complaintOf(field, input[field.name]) ??
        (missed.has(field.name) ? "This does not match the pattern." : undefined))
      : undefined
    const error = (same ? state.fields[control] : undefined) ?? own
    if (error) of[control] = error
  }
  return {
    of,
    touch: (control: string | undefined) => {
      clearTimeout(timer.current)
      if (control) timer.current = setTimeout(() => setTouched((now) => new Set([...now, control])), pauseInTyping)
    },
  }
}

/** An editor of the whole input as JSON, in sync with the form. Inputs of type secret are only in the form. */
function JsonEditor({ input }: { input: ReturnType<typeof useInput> }) {
  const shown = Object.fromEntries(Object.entries(input.read.input).filter(([name]) => !input.secrets.includes(name)))
  const [own, setOwn] = useState<{ text: string; times: number } | null>(null)
  // The text stays as it was typed until the form changes.
  const typed = own && (own.times === input.times || input.times === 0) ? own.text : null
  const value = typed !== null && sameAs(typed, shown) !== false ? typed : jsonText(shown, 2)
  const { complaints, input: read } = readWholeInput(value)
  const unknown = Object.keys(read).filter((name) => !input.names.includes(name))
  return (
    <div className="pt-5">
      <Field
        label="Input as JSON"
        error={complaints[wholeInput]}
        hint={
          <>
            {unknown.length > 0 && (
              <span className="block">{`Not an input of this model: ${unknown.join(", ")}.`}</span>
            )}
            {input.secrets.length > 0 && <span className="block">Secrets are only in the form.</span>}
          </>
        }
      >
        {(control) => (
          <TextArea
            {...control}
            value={value}
            onInput={(event) => event.stopPropagation()}
            onChange={({ target }) => {
              const whole = readWholeInput(target.value)
              const isWhole = Object.keys(whole.complaints).length === 0
              setOwn({ text: target.value, times: input.times + (isWhole ? 1 : 0) })
              if (isWhole) input.fill(whole.input)
            }}
            rows={Math.min(24, Math.max(8, value.split("\n").length + 1))}
            mono
            spellCheck={false}
            className="noscript:hidden"
          />
        )}
      </Field>
    </div>
  )
}

/**
 * Whether a JSON text stands for an input; null if it cannot be parsed. Inputs that are missing in the text, or that
 * the form does not know, are ignored.
 */
function sameAs(text: string, input: Record<string, unknown>): boolean | null {
  const whole = readWholeInput(text)
  if (Object.keys(whole.complaints).length > 0) return null
  return Object.entries(input).every(([name, value]) => {
    const said = whole.input[name]
    return said === undefined || jsonText(said) === jsonText(value)
  })
}

/** Inputs shown; the rest are folded. */
const atOnce = 6

type InputsProps = {
  inputs: Input[]
  errors: Fields
  texts: Record<string, string>
  uploads: boolean
  changed: () => void
}

function Inputs({ inputs, errors, texts, uploads, changed }: InputsProps) {
  const field = (one: Input) => {
    const control = controlOf(one.name)
    return (
      <InputField
        key={one.name}
        field={one}
        text={texts[control] ?? ""}
        branch={texts[branchOf(one.name)]}
        error={errors[control]}
        uploads={uploads}
        changed={changed}
      />
    )
  }
  const [first, rest] = [inputs.slice(0, atOnce), inputs.slice(atOnce)]
  const anyWrong = rest.some(({ name }) => errors[controlOf(name)])
  if (inputs.length === 0) return <p className="text-muted">This model takes no input.</p>
  return (
    <>
      {first.map(field)}
      {rest.length > 0 && (
        <details className="border-t border-line pt-4" open={anyWrong || undefined}>
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
