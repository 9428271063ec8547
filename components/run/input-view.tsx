import { jsonText } from "./json-text"
import { isFile, Media } from "./media"

/** The maximum number of fields, and of files of a field, shown. */
const most = 200

/** The input of a run, field by field. Long texts scroll. */
export function InputView({ input }: { input: Record<string, unknown> }) {
  const given = Object.entries(input)
  if (given.length === 0) return <p className="text-muted">No input.</p>
  return (
    <dl className="grid gap-3">
      {given.slice(0, most).map(([name, value]) => (
        <div key={name} className="grid gap-0.5">
          <dt className="font-mono text-sm text-muted">{name}</dt>
          <dd translate="no" className="min-w-0">
            <Value name={name} value={value} />
          </dd>
        </div>
      ))}
      {given.length > most && (
        <div className="text-sm text-muted">
          <dt className="sr-only">More</dt>
          <dd>{`${(given.length - most).toLocaleString("en-US")} more inputs in the JSON.`}</dd>
        </div>
      )}
    </dl>
  )
}

const longest = 5000
/** Characters that fit without scrolling, even on a phone. */
const short = 300

function Value({ name, value }: { name: string; value: unknown }) {
  if (isFile(value)) return <Media url={value} of="Input" />
  if (Array.isArray(value) && value.length > 0 && value.every(isFile))
    return (
      <ul className="grid gap-3">
        {value.slice(0, most).map((url, at) => (
          <li key={at}>
            <Media url={url} of="Input" />
          </li>
        ))}
      </ul>
    )
  const text = typeof value === "string" ? value : jsonText(value, 2)
  if (text === "") return <span className="text-muted">empty</span>
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text
  const look = "block wrap-anywhere whitespace-pre-wrap"
  return shown.length > short || shown.split("\n").length > 12 ? (
    <span
      dir="auto"
      role="region"
      aria-label={`Input ${name}`}
      tabIndex={0}
      className={`${look} max-h-80 overflow-y-auto`}
    >
      {shown}
    </span>
  ) : (
    <span dir="auto" className={look}>
      {shown}
    </span>
  )
}
