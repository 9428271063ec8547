"use client"

import { useRouter } from "next/navigation"
import { type KeyboardEvent, startTransition, useEffect, useId, useLayoutEffect, useRef, useState } from "react"

import { chooseTheme } from "../theme-switch"
import { Badge } from "../ui/badge"
import {
  BoxIcon,
  CpuIcon,
  GpuIcon,
  InfoIcon,
  KeyIcon,
  MonitorIcon,
  MoonIcon,
  PlusIcon,
  SearchIcon,
  SignOutIcon,
  SunIcon,
  TerminalIcon,
  UserIcon,
} from "../ui/icons"
import { commandsFor, entriesFor, type Entry, type PaletteView, type PaletteViewer } from "./commands"
import { Shortcuts } from "./shortcuts"
import { useSuggestions } from "./use-suggestions"

type Props = {
  view: PaletteView
  /** What was typed before the palette had loaded. */ takeEarly: () => string
  onView: (view: PaletteView | null) => void
  viewer: PaletteViewer
  signOut: () => Promise<void>
  combination: string
}

const icons: Record<string, typeof PlusIcon> = {
  plus: PlusIcon,
  key: KeyIcon,
  user: UserIcon,
  search: SearchIcon,
  box: BoxIcon,
  gpu: GpuIcon,
  terminal: TerminalIcon,
  sun: SunIcon,
  moon: MoonIcon,
  monitor: MonitorIcon,
  info: InfoIcon,
  out: SignOutIcon,
  model: CpuIcon,
}

/** A native modal dialog: it traps focus, closes on Escape and returns the focus. */
export function CommandPalette({ view, takeEarly, onView, viewer, signOut, combination }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)

  // Closed before it is removed, because otherwise the focus does not return.
  useLayoutEffect(() => {
    const element = dialog.current!
    element.showModal()
    return () => element.close()
  }, [])

  return (
    <dialog
      ref={dialog}
      aria-label={view === "commands" ? "Command palette" : "Keyboard shortcuts"}
      onClose={() => dialog.current?.open || onView(null)}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
      className="mx-auto mt-[10vh] mb-0 max-h-[80dvh] w-[min(100%-2rem,36rem)] overflow-hidden rounded-xl border border-line bg-surface p-0 text-text shadow-float backdrop:bg-black/40"
    >
      {view === "commands" ? (
        <Commands
          takeEarly={takeEarly}
          viewer={viewer}
          signOut={signOut}
          close={() => dialog.current?.close()}
          showShortcuts={() => onView("shortcuts")}
        />
      ) : (
        <Shortcuts combination={combination} close={() => dialog.current?.close()} />
      )}
    </dialog>
  )
}

type CommandsProps = {
  takeEarly: () => string
  viewer: PaletteViewer
  signOut: () => Promise<void>
  close: () => void
  showShortcuts: () => void
}

function Commands({ takeEarly, viewer, signOut, close, showShortcuts }: CommandsProps) {
  const router = useRouter()
  const base = useId()
  const list = useRef<HTMLDivElement>(null)
  const [typed, setTyped] = useState("")
  const [chosen, setChosen] = useState<string | null>(null)
  const { models, failed, asking } = useSuggestions(typed.trim())

  const entries = entriesFor(commandsFor(viewer), models, typed)
  // The selection stays on its entry while results arrive, and moves to the first if that entry disappears.
  const at = Math.max(
    0,
    entries.findIndex(({ id }) => id === chosen),
  )
  const active = entries[at]

  useLayoutEffect(() => {
    setTyped(takeEarly())
    // Only when the palette opens.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" })
  })

  function run({ command }: Entry) {
    if ("shortcuts" in command) return showShortcuts()
    close()
    if ("go" in command) router.push(command.go)
    if ("theme" in command) chooseTheme(command.theme)
    if ("signOut" in command) startTransition(signOut)
  }

  function steer(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing || entries.length === 0) return
    if (event.key === "Enter") {
      event.preventDefault()
      if (active) run(active)
    }
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: Math.min(entries.length - 1, at + 8),
      PageUp: Math.max(0, at - 8),
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    setChosen(entries[(to + entries.length) % entries.length]!.id)
  }

  const groups = entries.reduce<Entry[][]>((groups, entry) => {
    if (groups.at(-1)?.[0]!.group === entry.group) groups.at(-1)!.push(entry)
    else groups.push([entry])
    return groups
  }, [])
  const optionId = (entry: Entry) => `${base}-${entry.id}`

  return (
    <div className="flex max-h-[80dvh] flex-col">
      <div className="flex items-center gap-3 border-b border-line px-4">
        <SearchIcon className="text-muted" />
        <input
          autoFocus
          type="text"
          role="combobox"
          aria-label="Search models and commands"
          aria-expanded="true"
          aria-controls={`${base}-list`}
          aria-autocomplete="list"
          aria-activedescendant={active && optionId(active)}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={200}
          placeholder="Search models, pages and commands"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value)
            setChosen(null)
          }}
          onKeyDown={steer}
          className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none pointer-coarse:text-[1rem]"
        />
        <button
          type="button"
          onClick={close}
          className="min-h-8 rounded-sm border border-line px-2 text-xs text-muted hover:bg-hover hover:text-text"
        >
          Close
        </button>
      </div>
      <div
        ref={list}
        id={`${base}-list`}
        role="listbox"
        aria-label="Models and commands"
        aria-busy={asking}
        className="overflow-y-auto overscroll-contain p-1.5"
      >
        {groups.map((group, n) => (
          <div key={`${group[0]!.group} ${n}`} role="group" aria-label={group[0]!.group}>
            <p aria-hidden="true" className="px-2.5 pt-2 pb-1 text-xs font-medium text-muted">
              {group[0]!.group}
            </p>
            {group.map((entry) => {
              const Icon = icons[entry.icon] ?? CpuIcon
              return (
                <div
                  key={entry.id}
                  id={optionId(entry)}
                  role="option"
                  aria-selected={entry === active}
                  // Keeps the focus in the text field.
                  onMouseDown={(event) => event.preventDefault()}
                  onMouseMove={() => entry !== active && setChosen(entry.id)}
                  onClick={() => run(entry)}
                  className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1.5 aria-selected:bg-accent-soft aria-selected:text-accent forced-colors:aria-selected:outline-2 forced-colors:aria-selected:-outline-offset-2"
                >
                  <Icon size={16} className={entry === active ? "" : "text-muted"} />
                  <span className={`min-w-0 truncate ${entry.group === "Models" ? "font-mono text-sm" : ""}`}>
                    {entry.label}
                  </span>
                  {entry.detail && (
                    <span className="min-w-0 flex-1 truncate text-sm text-muted max-sm:hidden">{entry.detail}</span>
                  )}
                  {entry.mark && (
                    <span className="ml-auto shrink-0">
                      <Badge tone="warn">{entry.mark}</Badge>
                    </span>
                  )}
                </div>
              )
            })}
          </div>
        ))}
      </div>
      <p role="status" className={failed ? "border-t border-line px-4 py-2 text-sm text-danger" : "sr-only"}>
        {failed
          ? "Models could not be loaded. Commands still work."
          : asking
            ? ""
            : entries.length === 1
              ? "1 result"
              : `${entries.length} results`}
      </p>
    </div>
  )
}
