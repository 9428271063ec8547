import { usdPerSecond } from "@/lib/hardware/price"
import { Table } from "./ui/table"

type Change = {
  id: number
  sku: string
  name: string
  changed_at: string
  changed_by: string | null
  changes: Record<string, { was: string | null; is: string | null }>
}

const labels: Record<string, string> = {
  usd_per_second: "Price per second",
  availability: "Availability",
  reason: "Reason",
  name: "Name",
  gpus: "GPUs",
  cpus: "CPUs",
  gpu_ram_gb: "GPU RAM, GB",
  ram_gb: "RAM, GB",
}
const date = new Intl.DateTimeFormat("en", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
  timeZoneName: "short",
})

/** A table of changes to the hardware catalogue. */
export const HardwareHistory = ({ changes, who = false }: { changes: Change[]; who?: boolean }) => (
  <Table label="Changes to the hardware catalogue">
    <thead>
      <tr>
        <th scope="col">When</th>
        <th scope="col">Hardware</th>
        <th scope="col">What</th>
        <th scope="col">Before</th>
        <th scope="col">After</th>
        {who && <th scope="col">By</th>}
      </tr>
    </thead>
    <tbody>
      {changes.flatMap((change) =>
        Object.entries(change.changes).map(([field, { was, is }]) => (
          <tr key={`${change.id} ${field}`}>
            <td className="whitespace-nowrap text-muted">
              <time dateTime={change.changed_at}>{date.format(Date.parse(change.changed_at))}</time>
            </td>
            <th scope="row" className="whitespace-nowrap">
              {change.name}
            </th>
            <td className="whitespace-nowrap">{labels[field] ?? field}</td>
            <td className="tabular-nums">{said(field, was)}</td>
            <td className="tabular-nums">{said(field, is)}</td>
            {who && <td>{change.changed_by ?? "–"}</td>}
          </tr>
        )),
      )}
    </tbody>
  </Table>
)

const said = (field: string, value: string | null) =>
  value === null ? "–" : field === "usd_per_second" ? usdPerSecond(value) : value
