"use client"

import { type DragEvent, lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react"
import { flushSync } from "react-dom"

import { Button } from "@/components/ui/button"
import { type ControlProps, TextArea, TextInput } from "@/components/ui/field"
import { fileName } from "./media"
import { sendFile } from "./send-file"
import { useScripts } from "@/components/use-scripts"
import { useText } from "./use-text"

const Camera = lazy(() => import("./camera").catch(() => ({ default: NoCamera })))

/** In place of the camera, if its scripts cannot be loaded: the page keeps what was typed. */
const NoCamera = () => (
  <span role="alert" className="text-sm text-danger">
    The camera could not be loaded. Check your connection, then reload the page.
  </span>
)

type Props = {
  control: ControlProps & { name: string; defaultValue: string }
  accept?: string
  /** Whether the viewer can upload files, which takes an account. */
  uploads: boolean
  /** Called when the value changes, including changes that fire no input event. */
  changed: () => void
}

/** An input for a URL. Files that are chosen, dropped or pasted are uploaded, and their URL is filled in. */
export function FileInput({ control, accept, uploads, changed }: Props) {
  const { defaultValue, ...rest } = control
  const { text: address, setText: setAddress, box } = useText(defaultValue)
  useTold(address, changed)
  return (
    <FileDrop label={rest.id} accept={accept} uploads={uploads} taken={([first]) => first && setAddress(first)}>
      <TextInput
        {...rest}
        ref={box}
        value={address}
        onChange={(event) => setAddress(event.target.value)}
        inputMode="url"
        placeholder="https://… or data:…"
        autoComplete="off"
        spellCheck={false}
      />
      <Preview address={address} remote={uploads} />
    </FileDrop>
  )
}

type Item = { id: number; address: string }

/** The items of a list of files. Their IDs tell equal ones apart. */
function useItems(first: string[]) {
  const next = useRef(first.length)
  const [items, setItems] = useState<Item[]>(() => first.map((address, id) => ({ id, address })))
  return {
    items,
    setItems,
    add: (addresses: string[]) => {
      const added = addresses.map((address) => ({ id: next.current++, address }))
      setItems((now) => [...now, ...added])
    },
  }
}

/** A list of URLs and uploaded files. Buttons change its order. Without scripts, it is a JSON text. */
export function FileListInput({ control, accept, uploads, changed }: Props) {
  const { defaultValue, name, ...rest } = control
  const scripts = useScripts()
  const { items, setItems, add } = useItems(listIn(defaultValue))
  const addresses = items.map(({ address }) => address)
  const [moved, setMoved] = useState("")
  const list = useRef<HTMLOListElement>(null)
  useTold(JSON.stringify(addresses), changed)
  if (!scripts) return <TextArea {...rest} name={name} defaultValue={defaultValue} rows={3} mono placeholder="[]" />
  function move(at: number, by: 1 | -1) {
    const order = [...items]
    ;[order[at], order[at + by]] = [order[at + by]!, order[at]!]
    flushSync(() => setItems(order))
    setMoved(`Moved to position ${at + by + 1} of ${order.length}.`)
    // At an end of the list, the button that was pressed is disabled.
    const [up, down] = list.current!.children[at + by]!.querySelectorAll<HTMLElement>("button[data-moves]")
    const [pressed, other] = by < 0 ? [up!, down!] : [down!, up!]
    ;(pressed.matches(":disabled") ? other : pressed).focus()
  }
  return (
    <FileDrop label={rest.id} accept={accept} uploads={uploads} multiple taken={add}>
      <input type="hidden" name={name} value={addresses.length > 0 ? JSON.stringify(addresses) : ""} />
      <ol ref={list} className="grid gap-2 empty:hidden">
        {items.map(({ id, address }, at) => (
          <li key={id} className="flex flex-wrap items-center gap-1">
            <TextInput
              aria-label={`File ${at + 1}`}
              value={address}
              onChange={({ target }) =>
                setItems((now) => now.map((one) => (one.id === id ? { id, address: target.value } : one)))
              }
              spellCheck={false}
              className="min-w-40 flex-1"
            />
            <Button
              size="sm"
              variant="quiet"
              data-moves=""
              disabled={at === 0}
              onClick={() => move(at, -1)}
              aria-label={`Move up file ${at + 1}`}
            >
              Up
            </Button>
            <Button
              size="sm"
              variant="quiet"
              data-moves=""
              disabled={at === items.length - 1}
              onClick={() => move(at, 1)}
              aria-label={`Move down file ${at + 1}`}
            >
              Down
            </Button>
            <Button
              size="sm"
              variant="quiet"
              onClick={() => setItems((now) => now.filter((one) => one.id !== id))}
              aria-label={`Remove file ${at + 1}`}
            >
              Remove
            </Button>
            <span className="basis-full empty:hidden">
              <Preview address={address} remote={uploads} />
            </span>
          </li>
        ))}
      </ol>
      <span role="status" className="sr-only">
        {moved}
      </span>
      <span>
        {/* Without a label of its own, screen readers would read that of the field. */}
        <Button
          id={rest.id}
          size="sm"
          aria-label={`Add an address to ${name.replace(/^input\./, "")}`}
          onClick={() => add([""])}
        >
          Add an address
        </Button>
      </span>
    </FileDrop>
  )
}

function listIn(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value.filter((one) => typeof one === "string") : []
  } catch {
    return []
  }
}

/** Calls `changed` whenever the value changes, but not for the initial one. */
export function useTold(value: string, changed: () => void) {
  const told = useRef(value)
  useEffect(() => {
    if (told.current === value) return
    told.current = value
    changed()
  })
}

type DropProps = {
  label: string
  accept?: string
  uploads: boolean
  multiple?: boolean
  taken: (addresses: string[]) => void
  children: ReactNode
}

/** Uploads files that are chosen, dropped or pasted, or taken with the camera, and passes their URLs to `taken`. */
function FileDrop({ label, accept, uploads, multiple, taken, children }: DropProps) {
  const [state, setState] = useState<{ message: string; failed?: true; percent?: number }>({ message: "" })
  const [isOver, setOver] = useState(false)
  const [isOpen, setOpen] = useState(false)
  const opener = useRef<HTMLButtonElement>(null)
  const hasCamera = useScripts() && takesPictures(label, accept) && cameraIsAllowed()
  const name = label.replace(/^input\./, "")

  async function sendAll(files: File[]) {
    const sent: string[] = []
    for (const file of multiple ? files : files.slice(0, 1)) {
      const answer = await sendFile(file, (percent, waits) =>
        // The message does not include the percentage, which screen readers would announce again and again.
        setState({
          message: waits
            ? "Connection lost. The upload resumes when the server can be reached again."
            : `Sending ${file.name}`,
          percent,
        }),
      )
      if ("detail" in answer) {
        setState({ message: answer.detail, failed: true })
        break
      }
      sent.push(answer.url)
      setState({ message: `${file.name} was sent.` })
    }
    if (sent.length > 0) taken(sent)
  }
  const drop = (event: DragEvent) => {
    if (event.dataTransfer.files.length === 0) return
    event.preventDefault()
    setOver(false)
    void sendAll([...event.dataTransfer.files])
  }
  if (!uploads) return <span className="grid gap-2">{children}</span>
  return (
    <span
      role="group"
      aria-labelledby={undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      onPaste={(event) => {
        if (event.clipboardData.files.length === 0) return
        event.preventDefault()
        void sendAll([...event.clipboardData.files])
      }}
      className={`grid gap-2 rounded-md ${isOver ? "outline-2 outline-offset-4 outline-accent outline-dashed" : ""}`}
    >
      {children}
      <span className="flex flex-wrap items-center gap-3">
        <input
          type="file"
          accept={accept}
          multiple={multiple}
          aria-label={`Choose ${multiple ? "files" : "a file"} for ${name}`}
          onChange={({ target }) => void sendAll([...(target.files ?? [])])}
          className="text-sm noscript:hidden file:mr-3 file:min-h-8.5 file:rounded-md file:border file:border-field file:bg-surface file:px-3 file:text-sm file:font-semibold file:text-text"
        />
        {hasCamera && !isOpen && (
          <Button ref={opener} size="sm" onClick={() => setOpen(true)} aria-label={`Use the camera for ${name}`}>
            Use the camera
          </Button>
        )}
      </span>
      {isOpen && (
        <Suspense fallback={null}>
          <Camera
            done={(picture) => {
              setOpen(false)
              // Waits until the button is rendered again.
              setTimeout(() => opener.current?.focus())
              if (picture) void sendAll([picture])
            }}
          />
        </Suspense>
      )}
      {state.percent !== undefined && (
        <span className="flex items-center gap-3">
          <progress
            value={state.percent}
            max={100}
            aria-label={`Upload progress for ${name}`}
            className="h-1.5 min-w-0 flex-1 appearance-none overflow-hidden rounded-sm bg-sunken [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunken [&::-webkit-progress-value]:bg-accent"
          />
          <span aria-hidden className="w-12 text-right text-sm text-muted tabular-nums">{`${state.percent} %`}</span>
        </span>
      )}
      <span role="status" className={`text-sm empty:hidden ${state.failed ? "text-danger" : "text-muted"}`}>
        {state.message}
      </span>
    </span>
  )
}

/** Whether an input takes pictures, judged by the types it accepts or, without any, by its name. */
const takesPictures = (label: string, accept: string | undefined): boolean =>
  accept === undefined
    ? /image|img|photo|picture|portrait|face|selfie/i.test(label)
    : accept.split(",").some((type) => /^\s*(image\/(\*|jpe?g)|\.jpe?g)\s*$/i.test(type))

/** The permissions policy allows the camera only in the playground (server.mjs). */
const cameraIsAllowed = (): boolean => "mediaDevices" in navigator && location.pathname.endsWith("/playground")

const previews: [RegExp, "img" | "audio" | "video"][] = [
  [/^data:image\/|\.(png|jpe?g|gif|webp|avif)(\?|$)/i, "img"],
  [/^data:audio\/|\.(wav|mp3|ogg|flac|m4a)(\?|$)/i, "audio"],
  [/^data:video\/|\.(mp4|webm|mov)(\?|$)/i, "video"],
]

/** A preview of a URL: a file on this server, an image in a data: URI, or a remote image. */
function Preview({ address, remote }: { address: string; remote: boolean }) {
  const scripts = useScripts()
  const Shown = previews.find(([ending]) => ending.test(address))?.[1]
  if (!scripts || !Shown) return null
  const isData = address.startsWith("data:")
  if (!isData && !address.startsWith(`${location.origin}/`))
    return remote && Shown === "img" ? <RemotePicture key={address} address={address} /> : null
  if (isData && Shown !== "img") return null
  return Shown === "img" ? (
    <Picture src={address} name={isData ? "data" : fileName(address)} />
  ) : (
    <Shown controls src={address} aria-label={`Chosen: ${fileName(address)}`} className="max-h-48 max-w-full" />
  )
}

const Picture = ({ src, name, failed }: { src: string; name: string; failed?: () => void }) => (
  <img
    src={src}
    alt={`Chosen: ${name}`}
    onError={failed}
    className="max-h-48 max-w-full justify-self-start rounded-md"
  />
)

/** Milliseconds without typing after which a preview is requested. */
const pauseInTyping = 700

/** A remote image, fetched through this server: browsers must not contact hosts that an input names. */
function RemotePicture({ address }: { address: string }) {
  const [path, setPath] = useState<string | null>(null)
  useEffect(() => {
    if (!/^https:\/\//i.test(address) || !URL.canParse(address)) return
    const asking = new AbortController()
    const timer = setTimeout(async () => {
      try {
        const answer = await fetch(`/api/web/pictures?${new URLSearchParams({ url: address })}`, asking)
        if (answer.ok) setPath(((await answer.json()) as { path: string }).path)
      } catch {
        // The input works without a preview.
      }
    }, pauseInTyping)
    return () => {
      clearTimeout(timer)
      asking.abort()
    }
  }, [address])
  return path && <Picture src={path} name={fileName(address)} failed={() => setPath(null)} />
}
