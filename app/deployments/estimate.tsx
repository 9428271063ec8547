import type { ReactNode } from "react"

import { costOfInstances, estimateSpans, type Span } from "@/lib/deployments/estimate"

type Props = {
  usdPerSecond: string | undefined
  min: string
  max: string
  /** The cost with recent traffic; null if there is none. */
  typical: Record<Span, string> | null
  /** A note on what the typical cost is based on. */
  children: ReactNode
}

/** The minimum, typical and maximum cost of a deployment. */
export function Estimate({ usdPerSecond, min, max, typical, children }: Props) {
  const rows = [
    { label: "At least", cost: costOfInstances(usdPerSecond, min) },
    { label: "Typical", cost: typical },
    { label: "At most", cost: costOfInstances(usdPerSecond, max) },
  ]
  return (
    <section aria-labelledby="estimate" className="rounded-xl border border-line bg-surface p-5">
      <h2 id="estimate" className="text-base">
        Cost
      </h2>
      <table className="mt-3 w-full text-left [&_td]:py-1 [&_td]:pl-3 [&_td]:text-right [&_td]:whitespace-nowrap [&_td]:tabular-nums [&_th]:py-1 [&_th]:font-medium">
        <thead className="text-sm text-muted">
          <tr>
            <th scope="col">
              <span className="sr-only">Instances</span>
            </th>
            {estimateSpans.map((span) => (
              <th key={span} scope="col" className="text-right">
                per {span}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, cost }) => (
            <tr key={label}>
              <th scope="row">{label}</th>
              {estimateSpans.map((span) => (
                <td key={span}>{cost?.[span] ?? "–"}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div className="mt-3 space-y-2 text-sm text-muted">
        <p>{children}</p>
        <p>
          The account pays for every second of its instances, including booting and idle time. The number of instances
          scales with the load between the minimum and the maximum.
        </p>
      </div>
    </section>
  )
}
