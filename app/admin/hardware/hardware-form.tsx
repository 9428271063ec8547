"use client"

import { Button } from "@/components/ui/button"
import { Disclosure } from "@/components/ui/disclosure"
import { Field, Select, TextInput } from "@/components/ui/field"
import { useServerForm } from "@/components/use-server-form"
import { Outcome } from "../../account/profile-form"
import { addHardwareAction, updateHardwareAction, type HardwareState, type HardwareValues, type NewHardwareState } from "../actions"

type Shown = { id: string; values: HardwareValues; fields: Partial<Record<keyof HardwareValues, string>> }

/** One row of the catalogue: what it is, what it costs, whether it can be picked, and why not. */
export function HardwareForm({ sku, specs, values }: { sku: string; specs: string; values: HardwareValues }) {
  const { state, pending, notice, form } = useServerForm<HardwareValues>(updateHardwareAction, { ok: false, values, detail: "", fields: {} } satisfies HardwareState)
  const shown = { id: sku, values: state.values, fields: state.fields }
  return (
    <li className="px-4 py-4">
      <form {...form} aria-label={values.name} className="grid items-start gap-x-3 gap-y-3 lg:grid-cols-[minmax(0,1fr)_9rem_8rem_minmax(0,1fr)_auto]">
        <input type="hidden" name="sku" value={sku} />
        <div className="min-w-0">
          <p className="font-semibold">{values.name}</p>
          <p className="font-mono text-xs text-muted">{sku}</p>
          <p className="text-sm text-muted">{specs}</p>
        </div>
        <Price {...shown} />
        <Available {...shown} />
        <Reason {...shown} />
        <Button type="submit" pending={pending} pendingLabel="Saving…" className="lg:mt-7" aria-label={`Save ${values.name}`}>
          Save
        </Button>
        <Disclosure summary="Name and size" className="lg:col-span-5" open={specFields.some((field) => state.fields[field]) || undefined}>
          <Specs {...shown} />
        </Disclosure>
        {(state.ok || (state.detail && Object.keys(state.fields).length === 0)) && (
          <div ref={notice} tabIndex={-1} role={state.ok ? "status" : "alert"} className={`text-sm font-medium lg:col-span-5 ${state.ok ? "text-accent" : "text-danger"}`}>
            {state.ok ? "Saved, and dated." : state.detail}
          </div>
        )}
      </form>
    </li>
  )
}

const blank = { sku: "", name: "", gpus: "", cpus: "", gpu_ram_gb: "", ram_gb: "", usd_per_second: "", reason: "", open: "yes" }

/** A row that the catalogue does not have yet. */
export function NewHardwareForm() {
  const { state, pending, notice, form } = useServerForm<typeof blank>(addHardwareAction, { ok: false, values: blank, detail: "", fields: {} } satisfies NewHardwareState, { reset: true })
  const shown = { id: "new", values: state.values, fields: state.fields }
  return (
    <form {...form} className="grid gap-5">
      <Outcome state={state} notice={notice} saved="The hardware is added, at the end of the list." />
      <Field label="SKU" id="new-sku" error={state.fields.sku} hint="What requests name it by. It cannot be changed later.">
        {(control) => <TextInput {...control} name="sku" mono placeholder="gpu-b200" defaultValue={state.values.sku} maxLength={80} autoComplete="off" autoCapitalize="none" spellCheck={false} className="max-w-72" required />}
      </Field>
      <Specs {...shown} />
      <div className="grid gap-x-3 gap-y-5 sm:grid-cols-[9rem_8rem_minmax(0,1fr)]">
        <Price {...shown} />
        <Available {...shown} />
        <Reason {...shown} />
      </div>
      <div>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Adding…">
          Add hardware
        </Button>
      </div>
    </form>
  )
}

const specFields = ["name", "gpus", "cpus", "gpu_ram_gb", "ram_gb"] as const
const sizes = [
  ["gpus", "GPUs"],
  ["gpu_ram_gb", "GPU RAM, GB"],
  ["cpus", "CPUs"],
  ["ram_gb", "RAM, GB"],
] as const

const Specs = ({ id, values, fields }: Shown) => (
  <div className="grid grid-cols-2 items-start gap-x-3 gap-y-3 sm:grid-cols-[minmax(0,1fr)_repeat(4,6.5rem)]">
    <Field label="Name" id={`${id}-name`} error={fields.name} className="col-span-2 sm:col-span-1">
      {(control) => <TextInput {...control} name="name" defaultValue={values.name} maxLength={100} autoComplete="off" required />}
    </Field>
    {sizes.map(([field, label]) => (
      <Field key={field} label={label} id={`${id}-${field}`} error={fields[field]}>
        {(control) => <TextInput {...control} name={field} inputMode="numeric" className="text-right tabular-nums" defaultValue={values[field]} autoComplete="off" />}
      </Field>
    ))}
  </div>
)

const Price = ({ id, values, fields }: Shown) => (
  <Field label="$ per second" id={`${id}-price`} error={fields.usd_per_second}>
    {(control) => <TextInput {...control} name="usd_per_second" inputMode="decimal" className="text-right tabular-nums" defaultValue={values.usd_per_second} autoComplete="off" required />}
  </Field>
)

const Available = ({ id, values }: Shown) => (
  <Field label="Available" id={`${id}-open`}>
    {(control) => (
      <Select {...control} name="open" defaultValue={values.open}>
        <option value="yes">Yes</option>
        <option value="no">No</option>
      </Select>
    )}
  </Field>
)

const Reason = ({ id, values, fields }: Shown) => (
  <Field label="Reason" mark="when it is not" id={`${id}-reason`} error={fields.reason}>
    {(control) => <TextInput {...control} name="reason" defaultValue={values.reason} maxLength={300} autoComplete="off" />}
  </Field>
)
