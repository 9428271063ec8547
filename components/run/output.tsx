import { beginningOf, longest } from "@/components/ui/beginning"
import { CodeBlock } from "@/components/ui/code-block"
import type { Output, Shape } from "@/lib/versions/read-form"
import { jsonText } from "./json-text"
import { filesIn, isFile, Media } from "./media"

type Props = { value: unknown; shape: Pick<Output, "arrives"> & Partial<Shape>; growing: boolean }

/** The maximum number of list items and object fields shown. */
const most = 200
/** Levels of nested objects; deeper ones are shown as JSON. */
const deepest = 3
/** Objects with more characters of JSON are not shown field by field, which would need much more HTML. */
const longestFormatted = 100_000

/** The output of a run, shown as its schema says. */
export function OutputView({ value, shape, growing }: Props) {
  if (Array.isArray(value) && shape.arrives === "as growing text")
    return <Text text={value.join("")} growing={growing} />
  if (typeof value === "string" && !isFile(value)) return <Text text={value} growing={growing} />
  if (isObject(value) && jsonText(value).length > longestFormatted) return <LargeObject value={value} />
  return <Part value={value} depth={0} />
}

/** A large object: its files and the beginning of its JSON. */
function LargeObject({ value }: { value: Record<string, unknown> }) {
  const files = filesIn(value)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {files.slice(0, most).map((url) => (
        <Media key={url} url={url} />
      ))}
      <Json value={value} />
    </div>
  )
}

/** Whether an output is shown differently from its JSON: as media, text or field by field. */
export const isFormatted = (value: unknown): boolean =>
  filesIn(value).length > 0 || (isObject(value) && Object.keys(value).length > 0)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** A part of an output. Shows files as media and objects field by field, at any depth. */
function Part({ value, depth, of }: { value: unknown; depth: number; of?: string }) {
  if (isFile(value)) return <Media url={value} />
  if (depth > 0 && (typeof value !== "object" || value === null))
    return <Text text={scalarText(value)} growing={false} />
  if (depth < deepest && Array.isArray(value) && filesIn(value).length > 0)
    return (
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {value.slice(0, most).map((one, at) => (
          <li key={at}>
            <Part value={one} depth={depth + 1} of={`${of ? `${of} ` : ""}${at + 1}`} />
          </li>
        ))}
        {value.length > most && <li className="text-sm text-muted">{moreText(value.length - most)}</li>}
      </ul>
    )
  if (depth < deepest && isObject(value) && Object.keys(value).length > 0)
    return (
      <dl className={`grid grid-cols-[minmax(0,1fr)] gap-3 ${depth > 0 ? "border-l-2 border-line pl-4" : ""}`}>
        {Object.entries(value)
          .slice(0, most)
          .map(([name, one]) => (
            <div
              key={name}
              className={`grid grid-cols-[minmax(0,1fr)] gap-x-4 gap-y-1 ${isShort(one) ? "sm:grid-cols-[minmax(0,10rem)_minmax(0,1fr)] sm:items-baseline" : ""}`}
            >
              <dt className="font-mono text-sm wrap-anywhere text-muted">{name}</dt>
              <dd>
                <Part value={one} depth={depth + 1} of={name} />
              </dd>
            </div>
          ))}
        {Object.keys(value).length > most && (
          <div className="text-sm text-muted">
            <dt className="sr-only">More</dt>
            <dd>{moreText(Object.keys(value).length - most)}</dd>
          </div>
        )}
      </dl>
    )
  return <Json value={value} of={of} />
}

const scalarText = (value: unknown) => (typeof value === "string" ? value : jsonText(value))

/** Whether a value fits beside its name. */
const isShort = (value: unknown) =>
  (typeof value !== "object" || value === null) && !isFile(value) && scalarText(value).length < 80

const moreText = (count: number) => `${count.toLocaleString("en-US")} more in the JSON.`

const Text = ({ text, growing }: { text: string; growing: boolean }) => (
  <>
    <p dir="auto" className="text-base wrap-anywhere whitespace-pre-wrap">
      {beginningOf(text)}
      {growing && <span aria-hidden="true" className="ml-0.5 inline-block h-4 w-2 translate-y-0.5 bg-accent" />}
    </p>
    <Rest of={text} />
  </>
)

function Json({ value, of }: { value: unknown; of?: string | number }) {
  const text = jsonText(value, 2)
  return (
    <>
      <CodeBlock label={of === undefined ? "Output as JSON" : `Output ${of} as JSON`} wrap code={beginningOf(text)} />
      <Rest of={text} />
    </>
  )
}

const Rest = ({ of }: { of: string }) =>
  of.length > longest && (
    <p className="mt-2 text-sm text-muted">
      {`${(of.length - longest).toLocaleString("en-US")} more characters in the JSON.`}
    </p>
  )
