"use client"

import { type ComponentProps, type ReactNode, useEffect, useRef, useState } from "react"

import { pickerRows } from "@/lib/hardware/groups"
import { usdPerHour, usdPerSecond } from "@/lib/hardware/price"
import { gigabytes, type HardwareRow, notOffered, specsInWords } from "./hardware-specs"
import { ChevronRightIcon } from "./ui/icons"

type Props = {
  rows: HardwareRow[]
  /** Spread onto every radio: name, onChange, ref. */
  radio: ComponentProps<"input">
  selected: string
  /** The current selection, if it differs from `selected`; its fold is opened. */
  chosen?: string
  /** The ID of the first radio, for links to the group. */
  firstId: string
  /** The SKU that is marked as a good first choice. */
  goodStart?: string
}

/**
 * Tables of hardware with native radios in one group; the whole row is clickable. Common hardware is shown; other and
 * unavailable hardware is folded.
 */
export function HardwarePicker({ rows, selected, chosen = selected, ...rest }: Props) {
  const { common, others, unavailable } = pickerRows(rows)
  const first = common[0]?.sku
  const row = (one: HardwareRow, describedBy = "") => (
    <Row key={one.sku} row={one} selected={selected} isFirst={one.sku === first} describedBy={describedBy} {...rest} />
  )

  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <Table>
        <Head />
        <tbody>{common.map((one) => row(one))}</tbody>
      </Table>
      {others.length > 0 && (
        <Fold
          summary={`Show all ${common.length + others.length}`}
          open={others.some(({ sku }) => sku === chosen) || undefined}
        >
          <tbody>{others.map((one) => row(one))}</tbody>
        </Fold>
      )}
      {unavailable.length > 0 && (
        <Fold summary={`Not available here (${unavailable.reduce((sum, { rows }) => sum + rows.length, 0)})`}>
          {unavailable.map(({ reason, rows }, at) => (
            <tbody key={reason}>
              <tr>
                <th
                  scope="rowgroup"
                  id={`hardware-reason-${at}`}
                  colSpan={6}
                  className="border-t border-line bg-sunken px-3 py-1 text-sm font-normal text-muted"
                >
                  {reason}
                </th>
              </tr>
              {rows.map((one) => row(one, `hardware-reason-${at} `))}
            </tbody>
          ))}
        </Fold>
      )}
    </div>
  )
}

/** A table with fixed column widths, so that the columns of all tables line up. */
const Table = ({ children }: { children: ReactNode }) => (
  <table className="w-full border-collapse text-left sm:table-fixed">
    <colgroup>
      <col />
      <col className="w-22 max-sm:hidden" />
      <col className="w-20 max-sm:hidden" />
      <col className="w-16 max-sm:hidden" />
      <col className="sm:w-27" />
      <col className="w-20 max-sm:hidden" />
    </colgroup>
    {children}
  </table>
)

const Head = () => (
  <thead className="text-sm text-muted">
    <tr className="[&>th]:px-3 [&>th]:py-2 [&>th]:align-bottom [&>th]:font-medium">
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
)

function Fold({ summary, open, children }: { summary: string; open?: true; children: ReactNode }) {
  const details = useRef<HTMLDetailsElement>(null)
  const [initially] = useState(open)

  useEffect(() => {
    // Opens when a row inside is chosen, but never closes by itself.
    if (open) details.current!.open = true
  }, [open])

  return (
    <details ref={details} open={initially} className="group/fold border-t border-line">
      <summary className="flex min-h-10 items-center gap-1.5 px-3 text-sm font-medium hover:bg-hover">
        <ChevronRightIcon size={16} className="text-muted transition-transform group-open/fold:rotate-90" />
        <span>{summary}</span>
      </summary>
      <Table>{children}</Table>
    </details>
  )
}

type RowProps = Omit<Props, "rows" | "chosen"> & { row: HardwareRow; isFirst: boolean; describedBy: string }

function Row({ row, radio, selected, firstId, goodStart, isFirst, describedBy }: RowProps) {
  return (
    <tr className="relative border-t border-line transition-colors has-checked:bg-accent-soft has-checked:inset-shadow-[3px_0_var(--accent)] has-focus-visible:outline-2 has-focus-visible:-outline-offset-2 has-focus-visible:outline-accent not-has-checked:has-enabled:hover:bg-hover has-disabled:text-muted forced-colors:has-checked:outline-2 [&>td]:px-3 [&>td]:py-2 [&>td]:text-right [&>td]:whitespace-nowrap [&>td]:tabular-nums">
      <th scope="row" className="px-3 py-2 font-normal">
        <label className="flex gap-2.5 after:absolute after:inset-0">
          <input
            {...radio}
            type="radio"
            id={isFirst ? firstId : undefined}
            value={row.sku}
            defaultChecked={row.sku === selected}
            disabled={row.reason !== null}
            aria-labelledby={`hardware-${row.sku}`}
            aria-describedby={`${describedBy}hardware-${row.sku}-about`}
            className="relative z-1 mt-0.5 focus-visible:outline-none"
          />
          <span className="min-w-0">
            <span id={`hardware-${row.sku}`} className={row.sku === goodStart ? "mr-2" : undefined}>
              {row.name}
            </span>
            {row.sku === goodStart && <span className="inline-block text-xs font-medium text-accent">Good start</span>}
            <span id={`hardware-${row.sku}-about`} className="block text-sm text-muted">
              <span className="font-mono text-xs">{row.sku}</span>
              {!row.offered && row.reason === null && <span className="text-xs">{` · ${notOffered}`}</span>}
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
        <span className="block text-sm text-muted sm:hidden">{`${usdPerHour(row.usd_per_second)}/h`}</span>
      </td>
      <td className="max-sm:hidden">{usdPerHour(row.usd_per_second)}</td>
    </tr>
  )
}
