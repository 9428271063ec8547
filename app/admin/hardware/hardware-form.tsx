"use client"

import { Button } from "@/components/ui/button"
import { Field, Select, TextInput } from "@/components/ui/field"
import { ChevronRightIcon } from "@/components/ui/icons"
import { useActionForm } from "@/components/use-action-form"
import { Outcome } from "../../account/profile-form"
import { addHardwareAction, updateHardwareAction, type HardwareState, type NewHardwareState } from "../actions"
import type { HardwareValues } from "../values"

type Shown = { id: string; values: HardwareValues; fields: Partial<Record<keyof HardwareValues, string>> }

const labels: HardwareValues = {
  name: "Name",
  gpus: "GPUs",
  cpus: "CPUs",
  gpu_ram_gb: "GPU RAM, GB",
  ram_gb: "RAM, GB",
  usd_per_second: "$ per second",
  open: "Available",
  reason: "Reason",
}

/** One row of the catalogue; opened, it can be edited. */
export function HardwareForm({
  sku,
  specs,
  closed,
  values,
  revision: filledWith,
}: {
  sku: string
  specs: string
  /** Why it is not available. */ closed: string | null
  values: HardwareValues
  revision: string
}) {
  const { state, pending, notice, revision, props } = useActionForm<HardwareState>(updateHardwareAction, {
    ok: false,
    values,
    detail: "",
    fields: {},
    revision: filledWith,
  } satisfies HardwareState)
  const shown = { id: sku, values: state.values, fields: state.fields }
  return (
    <li>
      <details open={state.ok || state.detail !== "" || undefined} className="group/row">
        <summary className="grid cursor-pointer grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-0.5 px-4 py-2.5 transition-colors hover:bg-hover focus-visible:-outline-offset-2 lg:grid-cols-[minmax(0,5fr)_minmax(0,6fr)_8rem_minmax(0,5fr)_auto]">
          <span className="min-w-0">
            <span className="block font-semibold">{values.name}</span>
            <span className="block font-mono text-xs text-muted">{sku}</span>
          </span>
          <ChevronRightIcon
            size={16}
            className="text-muted transition-transform group-open/row:rotate-90 lg:order-last"
          />
          <span className="col-span-2 text-sm text-muted lg:col-span-1">{specs}</span>
          <span className="lg:text-right">
            <span className="tabular-nums">${values.usd_per_second}</span>{" "}
            <span className="text-sm text-muted">/ s</span>
          </span>
          <span className={`col-span-2 text-sm lg:col-span-1 ${closed === null ? "text-accent" : "text-muted"}`}>
            {closed === null ? "Available" : `Closed. ${closed}`}
          </span>
        </summary>
        <form {...props} aria-label={values.name} className="grid gap-4 border-t border-line bg-bg px-4 py-4">
          <input type="hidden" name="sku" value={sku} />
          <input type="hidden" name="revision" value={revision} />
          <Outcome state={state} notice={notice} saved="Saved." labels={labels} />
          <Specs {...shown} />
          <Terms {...shown} />
          <div>
            <Button type="submit" pending={pending} pendingLabel="Saving…" aria-label={`Save ${values.name}`}>
              Save
            </Button>
          </div>
        </form>
      </details>
    </li>
  )
}

const blank = {
  sku: "",
  name: "",
  gpus: "",
  cpus: "",
  gpu_ram_gb: "",
  ram_gb: "",
  usd_per_second: "",
  reason: "",
  open: "yes",
}

/** Adds a row to the catalogue. */
export function NewHardwareForm() {
  const { state, pending, notice, props } = useActionForm<NewHardwareState>(
    addHardwareAction,
    { ok: false, values: blank, detail: "", fields: {} } satisfies NewHardwareState,
    { reset: true },
  )
  const shown = { id: "new", values: state.values, fields: state.fields }
  return (
    <form {...props} className="grid gap-5">
      <Outcome state={state} notice={notice} saved="Hardware added at the end of the list." />
      <Field label="SKU" id="new-sku" error={state.fields.sku} hint="Used in API requests. It cannot be changed later.">
        {(control) => (
          <TextInput
            {...control}
            name="sku"
            mono
            placeholder="gpu-b200"
            defaultValue={state.values.sku}
            maxLength={80}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            className="max-w-72"
            required
          />
        )}
      </Field>
      <Specs {...shown} />
      <Terms {...shown} />
      <div>
        <Button type="submit" variant="primary" pending={pending} pendingLabel="Adding…">
          Add hardware
        </Button>
      </div>
    </form>
  )
}

const sizes = ["gpus", "gpu_ram_gb", "cpus", "ram_gb"] as const

const Specs = ({ id, values, fields }: Shown) => (
  <div className="grid grid-cols-2 items-start gap-x-3 gap-y-3 sm:grid-cols-[minmax(0,1fr)_repeat(4,6.5rem)]">
    <Field label="Name" id={`${id}-name`} error={fields.name} className="col-span-2 sm:col-span-1">
      {(control) => (
        <TextInput {...control} name="name" defaultValue={values.name} maxLength={100} autoComplete="off" required />
      )}
    </Field>
    {sizes.map((field) => (
      <Field key={field} label={labels[field]} id={`${id}-${field}`} error={fields[field]}>
        {(control) => (
          <TextInput
            {...control}
            name={field}
            inputMode="numeric"
            className="text-right tabular-nums"
            defaultValue={values[field]}
            autoComplete="off"
          />
        )}
      </Field>
    ))}
  </div>
)

const Terms = ({ id, values, fields }: Shown) => (
  <div className="grid items-start gap-x-3 gap-y-3 sm:grid-cols-[9rem_8rem_minmax(0,1fr)]">
    <Field label={labels.usd_per_second} id={`${id}-price`} error={fields.usd_per_second}>
      {(control) => (
        <TextInput
          {...control}
          name="usd_per_second"
          inputMode="decimal"
          className="text-right tabular-nums"
          defaultValue={values.usd_per_second}
          autoComplete="off"
          required
        />
      )}
    </Field>
    <Field label={labels.open} id={`${id}-open`}>
      {(control) => (
        <Select {...control} name="open" defaultValue={values.open}>
          <option value="yes">Yes</option>
          <option value="no">No</option>
        </Select>
      )}
    </Field>
    <Field label={labels.reason} mark="if not available" id={`${id}-reason`} error={fields.reason}>
      {(control) => (
        <TextInput {...control} name="reason" defaultValue={values.reason} maxLength={300} autoComplete="off" />
      )}
    </Field>
  </div>
)
