"use client"

import { Button } from "@/components/ui/button"
import { Field, Select, TextInput } from "@/components/ui/field"
import { useServerForm } from "@/components/use-server-form"
import { updateHardwareAction, type HardwareState } from "../actions"

type Props = { sku: string; name: string; specs: string; values: HardwareState["values"] }

/** One row of the catalogue: what it costs, whether it can be picked, and why not. */
export function HardwareForm({ sku, name, specs, values }: Props) {
  const { state, pending, notice, form } = useServerForm<HardwareState["values"]>(updateHardwareAction, { ok: false, values, detail: "", fields: {} })
  return (
    <li className="px-4 py-4">
      <form {...form} aria-label={name} className="grid items-start gap-x-3 gap-y-3 lg:grid-cols-[minmax(0,1fr)_9rem_8rem_minmax(0,1fr)_auto]">
        <input type="hidden" name="sku" value={sku} />
        <div className="min-w-0">
          <p className="font-semibold">{name}</p>
          <p className="font-mono text-xs text-muted">{sku}</p>
          <p className="text-sm text-muted">{specs}</p>
        </div>
        <Field label="$ per second" id={`${sku}-price`} error={state.fields.usd_per_second}>
          {(control) => <TextInput {...control} name="usd_per_second" inputMode="decimal" className="text-right tabular-nums" defaultValue={state.values.usd_per_second} autoComplete="off" required />}
        </Field>
        <Field label="Available" id={`${sku}-open`}>
          {(control) => (
            <Select {...control} name="open" defaultValue={state.values.open}>
              <option value="yes">Yes</option>
              <option value="no">No</option>
            </Select>
          )}
        </Field>
        <Field label="Reason" mark="when it is not" id={`${sku}-reason`} error={state.fields.reason}>
          {(control) => <TextInput {...control} name="reason" defaultValue={state.values.reason} maxLength={300} autoComplete="off" />}
        </Field>
        <Button type="submit" pending={pending} pendingLabel="Saving…" className="lg:mt-7" aria-label={`Save ${name}`}>
          Save
        </Button>
        {(state.ok || (state.detail && Object.keys(state.fields).length === 0)) && (
          <div ref={notice} tabIndex={-1} role={state.ok ? "status" : "alert"} className={`text-sm font-medium lg:col-span-5 ${state.ok ? "text-accent" : "text-danger"}`}>
            {state.ok ? "Saved, and dated." : state.detail}
          </div>
        )}
      </form>
    </li>
  )
}
