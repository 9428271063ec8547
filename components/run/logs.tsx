"use client"

import { useDeferredValue, useId, useMemo, useState } from "react"

import { Button } from "@/components/ui/button"
import { CopyButton } from "@/components/ui/copy-button"
import { TextInput } from "@/components/ui/field"
import { ansiParts, linesOf, type LogPart } from "./log-lines"

/** Lines on the page at a time: many more would keep a browser busy. */
const atOnce = 500

const looks: Record<string, string> = {
  red: "text-danger",
  green: "text-accent",
  yellow: "text-warn",
  blue: "text-info",
  magenta: "text-info",
  cyan: "text-accent",
}

type Props = { text: string; label: string }

/** A log: in the colours it was written in, searched, the newest lines first to be seen. */
export function Logs({ text, label }: Props) {
  const lines = useMemo(() => linesOf(text), [text])
  const [words, setWords] = useState("")
  const [more, setMore] = useState(1)
  const sought = useDeferredValue(words.trim().toLowerCase())
  const found = useMemo(
    () => (sought === "" ? lines : lines.filter((line) => line.toLowerCase().includes(sought))),
    [lines, sought],
  )
  const field = useId()
  const shown = found.slice(-atOnce * more)
  const hidden = found.length - shown.length
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-sunken">
      <div className="flex flex-wrap items-center gap-3 border-b border-line p-1.5">
        <label htmlFor={field} className="sr-only">{`Search: ${label}`}</label>
        <TextInput
          id={field}
          type="search"
          value={words}
          onChange={({ target }) => setWords(target.value)}
          placeholder="Search"
          className="h-8.5! max-w-52 text-sm noscript:hidden"
        />
        <span role="status" className="flex-1 text-sm text-muted">
          {sought !== "" && `${found.length.toLocaleString("en-US")} of ${lines.length.toLocaleString("en-US")} lines`}
        </span>
        <CopyButton text={text} label={`Copy: ${label}`} />
      </div>
      <div
        role="region"
        aria-label={label}
        tabIndex={0}
        className="max-h-96 overflow-auto px-4 py-3 focus-visible:-outline-offset-2"
      >
        {hidden > 0 && (
          <Button size="sm" variant="quiet" onClick={() => setMore(more + 1)} className="mb-2">
            {`${Math.min(hidden, atOnce).toLocaleString("en-US")} earlier lines`}
          </Button>
        )}
        <pre translate="no" className="text-xs leading-[1.6] wrap-anywhere whitespace-pre-wrap">
          {shown.map((line, at) => (
            // Lines have no names, and only ever come behind the others.
            // eslint-disable-next-line react/no-array-index-key
            <Line key={hidden + at} line={line} />
          ))}
        </pre>
      </div>
    </div>
  )
}

const Line = ({ line }: { line: string }) => (
  <span className="block min-h-[1lh]">
    {ansiParts(line).map((part, at) => (
      // eslint-disable-next-line react/no-array-index-key
      <Part key={at} part={part} />
    ))}
  </span>
)

const Part = ({ part: { text, color, bold, dim } }: { part: LogPart }) =>
  color || bold || dim ? (
    <span className={`${(color && looks[color]) ?? ""} ${bold ? "font-bold" : ""} ${dim ? "text-muted" : ""}`}>
      {text}
    </span>
  ) : (
    <span>{text}</span>
  )
