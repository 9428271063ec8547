import { Badge } from "@/components/ui/badge"
import { Table } from "@/components/ui/table"
import type { Field } from "@/lib/versions/fields"

const shownOptions = 12

/** What a model takes, or the parts of what it gives: a row for each. */
export function FieldTable({ label, fields, given = true }: { label: string; fields: Field[]; given?: boolean }) {
  return (
    <Table label={label}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Type</th>
          {given && <th scope="col">Default</th>}
          <th scope="col">What it is</th>
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => (
          <tr key={field.name} className="align-top">
            <th scope="row" className="min-w-32 font-mono text-sm wrap-anywhere">
              {field.name}
              {field.deprecated && (
                <span className="ml-1.5">
                  <Badge tone="warn">deprecated</Badge>
                </span>
              )}
            </th>
            <td className="min-w-36">
              {field.type}
              <Limits field={field} />
            </td>
            {given && (
              <td className="min-w-24 max-w-56 font-mono text-sm wrap-anywhere">
                {field.default !== null ? (
                  shortened(field.default)
                ) : field.required ? (
                  <Badge tone="info">required</Badge>
                ) : (
                  <span className="font-sans text-muted">optional</span>
                )}
              </td>
            )}
            <td className="min-w-52 text-sm wrap-anywhere text-muted">{field.description}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

function Limits({ field }: { field: Field }) {
  const { min, max, shortest, longest, options } = field
  const lines = [between(min, max, ""), between(shortest, longest, " characters or entries")].filter(Boolean)
  return (
    <>
      {lines.map((line) => (
        <span key={line} className="block text-sm whitespace-nowrap text-muted">
          {line}
        </span>
      ))}
      {options && (
        <span className="block text-sm text-muted">
          {options.slice(0, shownOptions).map((option, at) => (
            <span key={option}>
              {at > 0 && ", "}
              <code>{plain(option)}</code>
            </span>
          ))}
          {options.length > shownOptions && ` and ${options.length - shownOptions} more`}
        </span>
      )}
    </>
  )
}

function between(least: number | null, most: number | null, unit: string) {
  if (least !== null && most !== null) return `${least} to ${most}${unit}`
  if (least !== null) return `at least ${least}${unit}`
  return most === null ? null : `at most ${most}${unit}`
}

const plain = (json: string) => (json.startsWith('"') ? String(JSON.parse(json)) || '""' : json)
const shortened = (json: string) => (plain(json).length > 200 ? `${plain(json).slice(0, 199)}…` : plain(json))
