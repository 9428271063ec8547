import Link from "next/link"

import { StatusBadge } from "@/components/run/status-badge"
import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import type { Training } from "@/lib/trainings/training"

/** A table of trainings. */
export const TrainingList = ({ trainings }: { trainings: Training[] }) => (
  <Table label="Trainings">
    <thead>
      <tr>
        <th scope="col">Training</th>
        <th scope="col">Status</th>
        <th scope="col">Destination</th>
        <th scope="col">Trained</th>
        <th scope="col">Created</th>
        <th scope="col" className="num">
          Cost
        </th>
      </tr>
    </thead>
    <tbody>
      {trainings.map((one) => (
        <tr key={one.id}>
          <th scope="row">
            <Link href={`/trainings/${one.id}`} className="link font-mono text-sm">
              {one.id.slice(0, 10)}
            </Link>
          </th>
          <td>
            <StatusBadge status={one.status} />
          </td>
          <td className="font-mono text-sm">
            <Link href={`/${one.destination}`} className="link">
              {one.destination}
            </Link>
          </td>
          <td className="font-mono text-sm">
            {one.model === "" ? (
              "–"
            ) : (
              <Link href={`/${one.model}`} className="link">
                {one.model}
              </Link>
            )}
          </td>
          <td className="whitespace-nowrap">
            <Time iso={one.created_at} />
          </td>
          <td className="num">{costOf(one)}</td>
        </tr>
      ))}
    </tbody>
  </Table>
)

function costOf({ metrics }: Training): string {
  const cost = metrics?.cost_usd
  return typeof cost === "number" ? `$${cost.toFixed(cost < 0.01 && cost > 0 ? 6 : 2)}` : "–"
}
