"use client"

import { memo, useDeferredValue, useEffect, useId, useRef, useState, type ComponentProps, type ReactNode } from "react"

import { Button } from "@/components/ui/button"
import { CopyButton } from "@/components/ui/copy-button"
import { TextInput } from "@/components/ui/field"
import { DownloadIcon, FullScreenIcon, XIcon } from "@/components/ui/icons"
import { ansiParts, type LogPart } from "./log-lines"
import { LogView, type LogLines } from "./log-reader"

/** Lines that are added to the page at a time; many more would make it slow. */
const atOnce = 500
/** Characters shown per line. */
const longestShown = 10_000

const looks: Record<string, string> = {
  red: "text-danger",
  green: "text-accent",
  yellow: "text-warn",
  blue: "text-info",
  magenta: "text-info",
  cyan: "text-accent",
}

type Props = {
  text: string
  label: string
  /** The run that wrote it, for the title in full screen and the file name. */
  of?: { id: string; status: string }
}

/** A log with colours and a search. Shows the newest lines, and earlier ones on demand. */
export function Logs({ text, label, of }: Props) {
  const [words, setWords] = useState("")
  const [more, setMore] = useState(1)
  const [isFull, setFull] = useState(false)
  const view = useLines(text, useDeferredValue(words.trim().toLowerCase()), atOnce * more)
  const panel = { text, label, words, setWords, view, showMore: () => setMore(more + 1) }
  const file = `${of ? `${of.id}-` : ""}${label.toLowerCase().replaceAll(/\W+/g, "-")}.txt`
  return (
    <>
      <div className="overflow-hidden rounded-lg border border-line bg-sunken">
        <Panel {...panel} file={file} height="max-h-96">
          <IconButton label={`Full screen: ${label}`} onClick={() => setFull(true)}>
            <FullScreenIcon size={16} />
          </IconButton>
        </Panel>
      </div>
      {isFull && (
        <FullScreen title={of ? `${label}: ${of.id}, ${of.status}` : label} close={() => setFull(false)}>
          <Panel {...panel} file={file} height="flex-1">
            <IconButton
              label="Close full screen"
              onClick={({ currentTarget }) => currentTarget.closest("dialog")?.close()}
            >
              <XIcon size={16} />
            </IconButton>
          </Panel>
        </FullScreen>
      )}
    </>
  )
}

type PanelProps = {
  text: string
  label: string
  words: string
  setWords: (words: string) => void
  view: LogLines
  showMore: () => void
  file: string
  height: string
  children: ReactNode
}

function Panel({ text, label, words, setWords, view, showMore, file, height, children }: PanelProps) {
  const { lines, hidden, found } = view
  const field = useId()
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-1 gap-y-1.5 border-b border-line p-1.5">
        <label htmlFor={field} className="sr-only">{`Search: ${label}`}</label>
        <TextInput
          id={field}
          type="search"
          value={words}
          onChange={({ target }) => setWords(target.value)}
          placeholder="Search"
          className="h-8.5! max-w-52 text-sm noscript:hidden"
        />
        <span role="status" className="flex-1 px-2 text-sm text-muted">
          {found && `${found.lines.toLocaleString("en-US")} of ${found.of.toLocaleString("en-US")} lines`}
        </span>
        <CopyButton text={text} label={`Copy: ${label}`} />
        <IconButton label={`Download: ${label}`} onClick={() => download(text, file)}>
          <DownloadIcon size={16} />
        </IconButton>
        {children}
      </div>
      <div
        role="region"
        aria-label={label}
        tabIndex={0}
        className={`${height} overflow-auto px-4 py-3 focus-visible:-outline-offset-2`}
      >
        {hidden > 0 && (
          <Button size="sm" variant="quiet" onClick={showMore} className="mb-2">
            {`${Math.min(hidden, atOnce).toLocaleString("en-US")} earlier lines`}
          </Button>
        )}
        <pre translate="no" className="text-xs leading-[1.6] wrap-anywhere whitespace-pre-wrap">
          {lines.map((line, at) => (
            // Lines have no IDs and are only appended.
            // eslint-disable-next-line react/no-array-index-key
            <Line key={hidden + at} line={line} />
          ))}
        </pre>
      </div>
    </>
  )
}

const IconButton = ({ label, ...rest }: { label: string } & ComponentProps<"button">) => (
  <button
    type="button"
    aria-label={label}
    title={label}
    className="inline-flex size-8 items-center justify-center rounded-md text-muted transition-colors hover:bg-hover hover:text-text noscript:hidden print:hidden"
    {...rest}
  />
)

type FullScreenProps = { title: string; close: () => void; children: ReactNode }

function FullScreen({ title, close, children }: FullScreenProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    dialog.current?.showModal()
    // Not on the search field, where Escape would clear it instead of closing the dialog.
    dialog.current?.querySelector<HTMLElement>("[role=region]")?.focus()
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onClose={close}
      className="m-0 size-full max-h-none max-w-none bg-sunken text-text open:flex open:flex-col"
    >
      <h2 id={heading} className="border-b border-line bg-surface px-4 py-2.5 text-base wrap-anywhere">
        {title}
      </h2>
      {children}
    </dialog>
  )
}

function download(text: string, name: string) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }))
  const link = document.createElement("a")
  link.href = address
  link.download = name
  link.click()
  // The download may not have started yet.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** The last lines of a log that contain `words`, as far as it has been read and searched. */
function useLines(text: string, words: string, most: number): LogLines {
  const [{ log, begun }] = useState(() => {
    const log = new LogView(text)
    return { log, begun: log.last(most) }
  })
  const [lines, setLines] = useState(begun)
  useEffect(
    () =>
      inPieces(() => {
        const more = log.advance(text, words)
        setLines(log.last(most))
        return more
      }),
    [log, text, words, most],
  )
  return lines
}

/** Calls `work` in separate tasks until it returns false. Returns a function that stops this. */
function inPieces(work: () => boolean): () => void {
  let timer = setTimeout(function next() {
    if (work()) timer = setTimeout(next)
  })
  return () => clearTimeout(timer)
}

const Line = memo(({ line }: { line: string }) => (
  <span className="block min-h-[1lh]">
    {ansiParts(line.slice(0, longestShown)).map((part, at) => (
      // eslint-disable-next-line react/no-array-index-key
      <Part key={at} part={part} />
    ))}
    {line.length > longestShown && (
      <span className="text-muted">{` … ${(line.length - longestShown).toLocaleString("en-US")} more characters`}</span>
    )}
  </span>
))
Line.displayName = "Line"

const Part = ({ part: { text, color, bold, dim } }: { part: LogPart }) =>
  color || bold || dim ? (
    <span className={`${(color && looks[color]) ?? ""} ${bold ? "font-bold" : ""} ${dim ? "text-muted" : ""}`}>
      {text}
    </span>
  ) : (
    <span>{text}</span>
  )
