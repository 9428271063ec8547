import Link from "next/link"
import type { ReactNode } from "react"

import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import type { PredictionBody } from "@/lib/models/prediction-body"
import { dollars } from "./run-estimate"
import { StatusBadge } from "./status-badge"

/** A prediction as lists show it. */
type ListedPrediction = {
  id: string
  model: string
  version: string
  status: PredictionBody["status"]
  source: "api" | "web"
  inputPreview: string
  seconds: number | null
  cost_usd: number | null
  created_at: string
  data_removed: boolean
}

type Props = {
  label: string
  predictions: ListedPrediction[]
  /** Adds a checkbox named `id` to each row, for a form around the table. */
  choosable?: boolean
  /** The header of the column of checkboxes. */
  chooser?: ReactNode
}

/** A table of predictions. */
export function PredictionTable({ label, predictions, choosable, chooser }: Props) {
  return (
    <Table label={label}>
      <thead>
        <tr>
          {choosable && <th scope="col">{chooser ?? <span className="sr-only">Choose</span>}</th>}
          <th scope="col">Prediction</th>
          <th scope="col">Model</th>
          <th scope="col">Status</th>
          <th scope="col">Source</th>
          <th scope="col">Created</th>
          <th scope="col" className="num">
            Ran
          </th>
          <th scope="col" className="num">
            Cost
          </th>
        </tr>
      </thead>
      <tbody>
        {predictions.map((one) => (
          <tr key={one.id}>
            {choosable && (
              <td>
                <label className="flex size-8 items-center justify-center">
                  <input type="checkbox" name="id" value={one.id} aria-label={`Choose ${one.id}`} />
                </label>
              </td>
            )}
            <th scope="row">
              <Link href={`/p/${one.id}`} className="link font-mono text-sm whitespace-nowrap">
                {one.id.slice(0, 12)}
              </Link>
              <span translate="no" className="block max-w-56 truncate text-sm font-normal text-muted">
                {one.data_removed ? "data removed" : one.inputPreview}
              </span>
            </th>
            <td>
              {one.model ? (
                <Link href={`/${one.model}`} className="link font-mono text-sm">
                  {one.model}
                </Link>
              ) : (
                <span className="text-muted">deleted</span>
              )}
              <span className="block font-mono text-xs text-muted">{one.version.slice(0, 12)}</span>
            </td>
            <td>
              <StatusBadge status={one.status} />
            </td>
            <td className="whitespace-nowrap">{one.source === "web" ? "browser" : "API"}</td>
            <td className="whitespace-nowrap">
              <Time iso={one.created_at} />
            </td>
            <td className="num">{one.seconds === null ? "–" : `${one.seconds.toFixed(1)} s`}</td>
            <td className="num">{one.cost_usd === null ? "–" : `$${dollars(one.cost_usd)}`}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
