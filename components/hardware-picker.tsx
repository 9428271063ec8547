"use client"

import type { ComponentProps } from "react"

import { hardwareGroups } from "@/lib/hardware/groups"
import { usdPerHour, usdPerSecond } from "@/lib/hardware/price"
import { gigabytes, type HardwareRow, specsInWords } from "./hardware-specs"

type Props = {
  rows: HardwareRow[]
  /** Spread onto every radio: name, onChange, ref. */
  radio: ComponentProps<"input">
  selected: string
  /** The ID of the first available radio, for links to the group. */
  firstId: string
  /** Marked as a good first choice. */
  goodStart?: string
}

/** A table of hardware with native radios; the whole row is clickable. */
export function HardwarePicker({ rows, radio, selected, firstId, goodStart }: Props) {
  const first = rows.find((row) => row.reason === null)?.sku

  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <table className="w-full border-collapse text-left">
        <thead className="text-sm text-muted">
          <tr className="[&>th]:px-3 [&>th]:py-2.5 [&>th]:align-bottom [&>th]:font-medium">
            <th scope="col">Type</th>
            <th scope="col" className="text-right max-sm:hidden">
              GPU RAM
            </th>
            <th scope="col" className="text-right max-sm:hidden">
              RAM
            </th>
            <th scope="col" className="text-right max-sm:hidden">
              CPUs
            </th>
            <th scope="col" className="text-right">
              <span className="max-sm:hidden">per second</span>
              <span className="sm:hidden">Price</span>
            </th>
            <th scope="col" className="text-right max-sm:hidden">
              per hour
            </th>
          </tr>
        </thead>
        {hardwareGroups(rows).map((group, at) => (
          <tbody key={group.label}>
            <tr>
              <th
                scope="rowgroup"
                id={`hardware-group-${at}`}
                colSpan={6}
                className="border-t border-line bg-sunken px-3 py-1 text-sm font-normal text-muted"
              >
                {group.label}
              </th>
            </tr>
            {group.rows.map((row) => (
              <tr
                key={row.sku}
                className="relative border-t border-line transition-colors has-checked:bg-accent-soft has-checked:inset-shadow-[3px_0_var(--accent)] has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent not-has-checked:has-enabled:hover:bg-hover has-disabled:text-muted forced-colors:has-checked:outline-2 [&>td]:px-3 [&>td]:py-2 [&>td]:text-right [&>td]:whitespace-nowrap [&>td]:tabular-nums"
              >
                <th scope="row" className="px-3 py-2 font-normal">
                  <label className="flex gap-2.5 after:absolute after:inset-0">
                    <input
                      {...radio}
                      type="radio"
                      id={row.sku === first ? firstId : undefined}
                      value={row.sku}
                      defaultChecked={row.sku === selected}
                      disabled={group.closed}
                      aria-labelledby={`hardware-${row.sku}`}
                      aria-describedby={`${group.closed ? `hardware-group-${at} ` : ""}hardware-${row.sku}-about`}
                      className="relative z-1 mt-0.5 focus-visible:outline-none"
                    />
                    <span className="min-w-0">
                      <span className="flex flex-wrap items-center gap-x-2">
                        <span id={`hardware-${row.sku}`}>{row.name}</span>
                        {row.sku === goodStart && <span className="text-xs font-medium text-accent">Good start</span>}
                      </span>
                      <span id={`hardware-${row.sku}-about`} className="block text-sm text-muted">
                        <span className="font-mono text-xs">{row.sku}</span>
                        <span className="block sm:hidden">{specsInWords(row)}</span>
                      </span>
                    </span>
                  </label>
                </th>
                <td className="max-sm:hidden">{gigabytes(row.gpu_ram_gb)}</td>
                <td className="max-sm:hidden">{gigabytes(row.ram_gb)}</td>
                <td className="max-sm:hidden">{row.cpus ?? "–"}</td>
                <td>
                  {usdPerSecond(row.usd_per_second)}
                  <span className="block text-sm text-muted sm:hidden">{usdPerHour(row.usd_per_second)}/h</span>
                </td>
                <td className="max-sm:hidden">{usdPerHour(row.usd_per_second)}</td>
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  )
}
