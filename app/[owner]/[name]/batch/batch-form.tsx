"use client"

import { useState } from "react"

import { dollars, seconds } from "@/components/run/run-estimate"
import { FormKey } from "@/components/form-key"
import { Button } from "@/components/ui/button"
import { Field, TextArea, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { batchAction, type BatchFormState } from "./actions"

const fresh: BatchFormState = { ok: false, values: { inputs: "", usd_limit: "" }, detail: "", fields: {} }

type Props = { model: { owner: string; name: string; version: string }; formKey: string; example: string }

/** The form to start a batch: its inputs are first checked and their cost estimated. */
export function BatchForm({ model, formKey, example }: Props) {
  const { form, state, pending, notice, props, text, complaints } = useActionForm<BatchFormState>(batchAction, fresh)
  const [tooLarge, setTooLarge] = useState(false)

  async function read(file: File | undefined) {
    setTooLarge(file !== undefined && file.size > 900_000)
    if (file && file.size <= 900_000) form.setValue("inputs", await file.text())
  }

  return (
    <form {...props} className="flex max-w-3xl flex-col gap-6">
      <FormKey value={formKey} />
      {Object.entries(model).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {state.detail && Object.keys(state.fields).length === 0 && (
        <div ref={notice} tabIndex={-1}>
          <Notice kind="danger" role="alert">
            {state.detail}
          </Notice>
        </div>
      )}
      <Field
        label="Inputs"
        error={complaints.inputs}
        hint="One JSON object per line, or CSV with the input names in the first line. At most 1,000."
      >
        {(control) => (
          <TextArea {...control} {...text("inputs")} rows={10} mono spellCheck={false} placeholder={example} />
        )}
      </Field>
      <div className="grid gap-1 text-sm noscript:hidden">
        <input
          type="file"
          accept=".csv,.jsonl,.ndjson,.json,.txt,text/csv"
          aria-label="Read the inputs from a file"
          onChange={({ target }) => void read(target.files?.[0])}
          className="file:mr-3 file:min-h-8.5 file:rounded-md file:border file:border-field file:bg-surface file:px-3 file:text-sm file:font-semibold file:text-text"
        />
        {tooLarge && <p className="text-danger">The file is larger than 900 kB. Split it into several batches.</p>}
      </div>
      <Field
        label="Spending limit"
        mark="optional"
        error={complaints.usd_limit}
        hint="In US dollars. No run starts that, at the average cost so far, would exceed this in total. The first may."
      >
        {(control) => (
          <TextInput {...control} {...text("usd_limit")} inputMode="decimal" autoComplete="off" className="max-w-60" />
        )}
      </Field>
      {state.estimate && <EstimateNotice estimate={state.estimate} />}
      <div className="flex flex-wrap gap-3">
        <Button type="submit" name="change" value="check" pending={pending}>
          Check and estimate
        </Button>
        <Button type="submit" name="change" value="start" variant="primary" pending={pending} pendingLabel="Starting…">
          Start
        </Button>
      </div>
    </form>
  )
}

function EstimateNotice({
  estimate: { inputs, usd, seconds: took },
}: {
  estimate: NonNullable<BatchFormState["estimate"]>
}) {
  const many = `${inputs.toLocaleString("en-US")} ${inputs === 1 ? "input" : "inputs"}`
  return (
    <Notice kind="success" role="status" title={`${many}, all valid`}>
      <p>
        {usd === null || took === null
          ? "The cost is unknown until the model has run once."
          : `Based on recent runs: about $${dollars(usd)}, and ${seconds(took)} if run one after another.`}
      </p>
    </Notice>
  )
}
