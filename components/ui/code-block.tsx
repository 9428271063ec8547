import type { ReactNode } from "react"
import { beginningOf, longest } from "./beginning"
import { CopyButton } from "./copy-button"

export type CodeBlockProps = {
  code: string
  title?: ReactNode
  /** Names the scrolling region and the copy button: "Create a model with cURL". */
  label?: string
  /** The text to copy, if it differs from what is shown. */
  copyText?: string
  /** No border, for use inside a card or a tab panel. */
  flush?: boolean
  wrap?: boolean
  className?: string
}

/** Code with a button to copy it. Of long code, shows the beginning. */
export function CodeBlock({ code, title, label, copyText = code, flush, wrap, className = "" }: CodeBlockProps) {
  const name = label ?? (typeof title === "string" ? title : "Code")

  return (
    <div className={`min-w-0 overflow-hidden bg-sunken ${flush ? "" : "rounded-lg border border-line"} ${className}`}>
      {title && (
        <div className="flex min-h-10 items-center justify-between gap-3 border-b border-line py-1 pr-1.5 pl-4">
          <span className="min-w-0 truncate text-sm font-medium text-muted">{title}</span>
          <CopyButton text={copyText} label={`Copy: ${name}`} />
        </div>
      )}
      <div className="relative flex items-start">
        <div
          role="region"
          aria-label={name}
          tabIndex={0}
          className="min-w-0 flex-1 overflow-x-auto px-4 py-3.5 focus-visible:-outline-offset-2"
        >
          <pre translate="no" className={`text-xs leading-[1.6] ${wrap ? "wrap-anywhere whitespace-pre-wrap" : ""}`}>
            <code>{code.length > longestTinted ? beginningOf(code) : tinted(code)}</code>
          </pre>
          {code.length > longest && (
            <p className="mt-3 text-sm text-muted">
              {`The first ${inFull(longest)} of ${inFull(code.length)} characters. The copy button copies all of them.`}
            </p>
          )}
        </div>
        {!title && <CopyButton text={copyText} label={`Copy: ${name}`} className="m-1.5 ml-0" />}
      </div>
    </div>
  )
}

const inFull = (count: number) => count.toLocaleString("en-US")

/** Characters of code up to which quoted values are coloured, each with an element of its own. */
const longestTinted = 20_000

// Only quoted values stand out, because people change those; keys stay muted.
const quoted = /("(?:[^"\\\n]|\\.)*"(?:\s*:)?|(?<=[\s=(:,[])'(?:[^'"\\\n]|\\.)*'(?:\s*:)?)/

function tinted(code: string) {
  return code.split(quoted).map((part, at) =>
    at % 2 === 1 && !part.endsWith(":") ? (
      <span key={at} className="text-accent">
        {part}
      </span>
    ) : (
      part
    ),
  )
}
