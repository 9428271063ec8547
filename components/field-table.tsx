import { Badge } from "@/components/ui/badge"
import { Table } from "@/components/ui/table"
import { Notice } from "@/components/ui/notice"
import type { Field } from "@/lib/versions/read-form"

const shownOptions = 12
/** More fields than real models have; many more would make the page slow. */
const shownFields = 300

/** A table of inputs or outputs, one row per field. */
export function FieldTable(props: { label: string; fields: Field[]; given?: boolean }) {
  const more = props.fields.length - shownFields
  return (
    <>
      <Rows {...props} fields={props.fields.slice(0, shownFields)} />
      {more > 0 && <p className="mt-3 text-sm text-muted">{more.toLocaleString("en-US")} more are in the schema.</p>}
    </>
  )
}

/** Shown instead of a table if a schema is too large. */
export function TooLargeToShow() {
  return (
    <Notice title="Any JSON">The schema of this version is too large to display. The API returns it in full.</Notice>
  )
}

function Rows({ label, fields, given = true }: { label: string; fields: Field[]; given?: boolean }) {
  return (
    <Table label={label}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Type</th>
          {given && <th scope="col">Default</th>}
          <th scope="col">Description</th>
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
              {field.nullable && <span className="block text-sm text-muted">or null</span>}
              <Limits field={field} />
            </td>
            {given && (
              <td className="min-w-24 max-w-56 font-mono text-sm wrap-anywhere">
                {field.default !== undefined ? (
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
  const { min, max, above, below, shortest, longest, options, items } = field
  const pattern = field.pattern ?? items?.pattern
  const lines = [
    above || below
      ? [
          min !== undefined && `${above ? "above" : "at least"} ${min}`,
          max !== undefined && `${below ? "below" : "at most"} ${max}`,
        ]
          .filter(Boolean)
          .join(", ")
      : between(min, max, ""),
    between(
      shortest?.toLocaleString("en-US"),
      longest?.toLocaleString("en-US"),
      field.kind === "array" ? " entries" : " characters",
    ),
  ].filter(Boolean)
  return (
    <>
      {lines.map((line) => (
        <span key={line} className="block text-sm whitespace-nowrap text-muted">
          {line}
        </span>
      ))}
      {pattern !== undefined && (
        <span className="block text-sm wrap-anywhere text-muted">
          <span>{field.pattern === undefined ? "pattern of each: " : "pattern: "}</span>
          <code>{pattern.length > 200 ? `${pattern.slice(0, 199)}…` : pattern}</code>
        </span>
      )}
      {options && (
        <span className="block text-sm text-muted">
          {options.slice(0, shownOptions).map((option, at) => (
            <span key={option}>
              {at > 0 && <span>, </span>}
              <code>{shortened(option)}</code>
            </span>
          ))}
          {options.length > shownOptions && <span> and {options.length - shownOptions} more</span>}
        </span>
      )}
    </>
  )
}

function between(least: number | string | undefined, most: number | string | undefined, unit: string) {
  if (least !== undefined && most !== undefined) return `${least} to ${most}${unit}`
  if (least !== undefined) return `at least ${least}${unit}`
  return most === undefined ? null : `at most ${most}${unit}`
}

const plain = (json: string) => (json.startsWith('"') ? String(JSON.parse(json)) || '""' : json)
function shortened(json: string) {
  const text = plain(json)
  return text.length > 200 ? `${text.slice(0, 199)}…` : text
}
