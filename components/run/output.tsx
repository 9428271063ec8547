import { CodeBlock } from "@/components/ui/code-block"
import type { Output, Shape } from "@/lib/versions/read-form"
import { jsonText } from "./json-text"
import { isFile, Media } from "./media"

type Props = { value: unknown; shape: Pick<Output, "arrives"> & Partial<Shape>; growing: boolean }

const most = 200

/** What a model gave, as its schema says it is to be shown. */
export function OutputView({ value, shape, growing }: Props) {
  if (Array.isArray(value) && shape.arrives === "as growing text")
    return <Text text={value.join("")} growing={growing} />
  if (Array.isArray(value) && value.some(isFile))
    return (
      <ul className="grid gap-4">
        {value.slice(0, most).map((one, at) => (
          <li key={at}>{isFile(one) ? <Media url={one} /> : <Json value={one} of={at + 1} />}</li>
        ))}
        {value.length > most && <li className="text-sm text-muted">{`${value.length - most} more in the JSON.`}</li>}
      </ul>
    )
  if (isFile(value)) return <Media url={value} />
  if (typeof value === "string") return <Text text={value} growing={growing} />
  if (typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).some(isFile))
    return (
      <dl className="grid gap-4">
        {Object.entries(value)
          .slice(0, most)
          .map(([name, one]) => (
            <div key={name} className="grid gap-1.5">
              <dt className="font-mono text-sm text-muted">{name}</dt>
              <dd>
                <Part value={one} of={name} />
              </dd>
            </div>
          ))}
      </dl>
    )
  return <Json value={value} />
}

/** A field of an output: what can be read as it is, is. */
function Part({ value, of }: { value: unknown; of: string }) {
  if (isFile(value)) return <Media url={value} />
  if (typeof value === "object" && value !== null) return <Json value={value} of={of} />
  return <Text text={typeof value === "string" ? value : jsonText(value)} growing={false} />
}

const Text = ({ text, growing }: { text: string; growing: boolean }) => (
  <p dir="auto" className="text-base wrap-anywhere whitespace-pre-wrap">
    {text}
    {growing && <span aria-hidden="true" className="ml-0.5 inline-block h-4 w-2 translate-y-0.5 bg-accent" />}
  </p>
)

const Json = ({ value, of }: { value: unknown; of?: string | number }) => (
  <CodeBlock label={of === undefined ? "Output as JSON" : `Output ${of} as JSON`} wrap code={jsonText(value, 2)} />
)
