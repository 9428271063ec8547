"use client"

import { useWatch } from "react-hook-form"

import { hardwareOption, type HardwareRow } from "@/components/hardware-specs"
import { Field, Select } from "@/components/ui/field"
import { costFigures } from "@/lib/hardware/cost"
import { hardwareGroups } from "@/lib/hardware/groups"
import { type ModelRef, saveHardwareAction } from "./actions"
import { hiddenFor } from "./hidden"
import { SectionForm } from "@/components/section-form"
import { useActionForm } from "@/components/use-action-form"
import { freshForm } from "@/lib/next/form"

const fields = ["hardware"] as const
const times = { runSeconds: 5, setupSeconds: 60, idleSeconds: 300 }
const lines = [
  ["One active second", "perSecond"],
  ["One active hour", "perHour"],
  ["If it never stops, per month", "alwaysOnPerMonth"],
] as const

/** A select for the model's hardware, and the cost of a change. */
export function HardwareForm({
  model,
  hardware,
  rows,
  revision,
}: {
  model: ModelRef
  hardware: string
  rows: HardwareRow[]
  revision: string
}) {
  const section = useActionForm(saveHardwareAction, freshForm({ hardware }), { fields, revision })
  const chosen = useWatch({ control: section.form.control, name: "hardware" }) || section.state.values.hardware
  const [now, then] = [hardware, chosen].map((sku) => rows.find((row) => row.sku === sku))

  return (
    <SectionForm
      section={section}
      hidden={hiddenFor(model)}
      labels={{ hardware: "Hardware" }}
      label="Save hardware"
      pendingLabel="Saving…"
      done="Saved. The next run uses it."
      className="sm:grid-cols-[minmax(0,28rem)_minmax(0,1fr)] sm:items-end"
    >
      <Field label="Runs on" id="runs-on" error={section.complaints.hardware}>
        {(control) => (
          <Select {...control} {...section.text("hardware")}>
            {hardwareGroups(rows).map(({ label, rows, closed }) => (
              <optgroup key={label} label={closed ? `Not available: ${label}` : label}>
                {rows.map((row) => (
                  <option key={row.sku} value={row.sku} disabled={closed}>
                    {hardwareOption(row)}
                  </option>
                ))}
              </optgroup>
            ))}
          </Select>
        )}
      </Field>
      {now && then && (
        <div role="status" className="sm:order-last sm:col-span-2">
          <p className={now === then ? "sr-only" : "text-sm font-semibold"}>
            {now === then ? `Cost of ${now.name}` : `From ${now.name} to ${then.name}`}
          </p>
          {!then.offered && (
            <p className="mb-1 text-sm text-muted">
              No runner offers {then.name} now. Predictions wait until one does.
            </p>
          )}
          <dl className="flex flex-wrap gap-x-8 gap-y-2">
            {lines.map(([label, figure]) => (
              <div key={figure}>
                <dt className="text-sm text-muted">{label}</dt>
                <dd className="tabular-nums">
                  {now !== then && (
                    <span>
                      <s className="text-muted">{costFigures(now.usd_per_second, times)[figure]}</s>
                      <span className="sr-only"> becomes</span>{" "}
                    </span>
                  )}
                  <span>{costFigures(then.usd_per_second, times)[figure]}</span>
                </dd>
              </div>
            ))}
          </dl>
        </div>
      )}
    </SectionForm>
  )
}
