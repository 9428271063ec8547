"use client"

import { useWatch } from "react-hook-form"

import { HardwarePicker } from "@/components/hardware-picker"
import type { HardwareRow } from "@/components/hardware-specs"
import { FieldGroup } from "@/components/ui/field"
import { costFigures } from "@/lib/hardware/cost"
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
  ["Always on, per month", "alwaysOnPerMonth"],
] as const

/** The hardware picker, and what a change costs. */
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
    >
      <FieldGroup label="Runs on" id="hardware-group" error={section.complaints.hardware}>
        <HardwarePicker
          rows={rows}
          radio={section.form.register("hardware")}
          selected={section.state.values.hardware}
          firstId="hardware-first"
        />
      </FieldGroup>
      {now && then && (
        <div role="status" className="rounded-lg border border-line bg-surface px-4 py-3.5">
          <p className="font-semibold">{now === then ? `Cost of ${now.name}` : `From ${now.name} to ${then.name}`}</p>
          <dl className="mt-2 grid gap-1.5 sm:grid-cols-3">
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
