import { Badge } from "@/components/ui/badge"
import { Notice } from "@/components/ui/notice"
import { Table } from "@/components/ui/table"
import type { Change } from "@/lib/versions/changes"

/** Breaking changes come first. */
const shownChanges = 300

/** The differences between two versions that affect callers. */
export function VersionChanges({ changes }: { changes: Change[] }) {
  const breaking = changes.filter((change) => change.breaking).length
  return (
    <>
      {breaking > 0 ? (
        <Notice
          kind="warn"
          className="mb-4"
          title={breaking === 1 ? "1 breaking change" : `${breaking} breaking changes`}
        >
          Requests written for the older version may be rejected or answered differently.
        </Notice>
      ) : (
        <Notice className="mb-4">Everything that works with the older version keeps working.</Notice>
      )}
      <Table label="Changes">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Change</th>
            <th scope="col">Compatibility</th>
          </tr>
        </thead>
        <tbody>
          {changes.slice(0, shownChanges).map((change, at) => (
            <tr key={at}>
              <th scope="row" className="whitespace-nowrap">
                <span>{`${change.where[0]!.toUpperCase()}${change.where.slice(1)} `}</span>
                {change.name && <code>{change.name}</code>}
              </th>
              <td className="min-w-52 wrap-anywhere">{change.message}</td>
              <td>{change.breaking ? <Badge tone="danger">breaking</Badge> : <Badge>compatible</Badge>}</td>
            </tr>
          ))}
        </tbody>
      </Table>
      {changes.length > shownChanges && (
        <p className="mt-3 text-sm text-muted">
          {(changes.length - shownChanges).toLocaleString("en-US")} more are not shown.
        </p>
      )}
    </>
  )
}
