"use client"

import { useEffect, useRef, useState, useSyncExternalStore } from "react"

import { SearchIcon } from "../ui/icons"
import type { PaletteView, PaletteViewer } from "./commands"
import { singleKeysAreOn } from "./single-keys"

type Palette = typeof import("./palette").CommandPalette

type Props = { viewer: PaletteViewer; signOut: () => Promise<void> }

/** The button and keys that open the command palette. Without scripts, a search form takes its place. */
export function PaletteTrigger({ viewer, signOut }: Props) {
  const [view, setView] = useState<PaletteView | null>(null)
  const [CommandPalette, setPalette] = useState<Palette | null>(null)
  const [failed, setFailed] = useState(false)
  const key = useSyncExternalStore(
    never,
    () => (/Mac|iPhone|iPad/.test(navigator.platform) ? "⌘ K" : "Ctrl K"),
    () => "Ctrl K",
  )

  // What is typed while the palette loads; null at all other times.
  const early = useRef<string | null>(null)
  const takeEarly = () => {
    const typed = early.current ?? ""
    early.current = null
    return typed
  }

  // Loaded on first use. If that fails, the page stays as it is, with what was typed.
  useEffect(() => {
    if (!view || CommandPalette) return
    let current = true
    const load = async () => {
      try {
        const loaded = await import("./palette")
        setFailed(false)
        setPalette(() => loaded.CommandPalette)
      } catch {
        early.current = null
        if (!current) return
        setView(null)
        setFailed(true)
      }
    }
    void load()
    return () => {
      current = false
    }
  }, [view, CommandPalette])

  useEffect(() => {
    if (!failed) return
    const timer = setTimeout(() => setFailed(false), 10_000)
    return () => clearTimeout(timer)
  }, [failed])

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return
      if (
        early.current !== null &&
        (event.key.length === 1 || event.key === "Backspace") &&
        !event.ctrlKey &&
        !event.metaKey &&
        !event.altKey
      ) {
        event.preventDefault()
        early.current = event.key === "Backspace" ? early.current.slice(0, -1) : early.current + event.key
      } else if (early.current !== null && event.key === "Enter") {
        // It was meant for the palette, not for the form that has the focus.
        event.preventDefault()
      } else if (
        event.key.toLowerCase() === "k" &&
        (event.ctrlKey || event.metaKey) &&
        !event.altKey &&
        !event.shiftKey
      ) {
        event.preventDefault()
        early.current = view === "commands" ? null : ""
        setView(view === "commands" ? null : "commands")
      } else if (
        event.key === "?" &&
        !event.ctrlKey &&
        !event.metaKey &&
        !event.altKey &&
        !isTyping(event.target) &&
        singleKeysAreOn()
      ) {
        event.preventDefault()
        setView("shortcuts")
      }
    }
    document.addEventListener("keydown", pressed)
    return () => document.removeEventListener("keydown", pressed)
  }, [view])

  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => {
          early.current = ""
          setView("commands")
        }}
        className="flex size-9 items-center justify-center gap-2 rounded-md border border-field bg-bg text-sm text-muted transition-colors hover:border-text hover:text-text max-[22.5rem]:hidden md:h-8.5 md:w-44 md:justify-start md:px-2.5 xl:w-56 noscript:hidden"
      >
        <SearchIcon size={16} />
        <span className="max-md:sr-only">Search</span>
        <kbd aria-hidden="true" className="ml-auto text-xs max-md:hidden">
          {key}
        </kbd>
      </button>
      {failed && !view && (
        <p
          role="alert"
          className="fixed top-16 right-4 left-4 z-20 ml-auto max-w-sm rounded-lg border border-line bg-surface p-4 text-sm shadow-float"
        >
          The search could not be loaded. Check your connection and try again. If the server was updated, reload the
          page.
        </p>
      )}
      {view && CommandPalette && (
        <CommandPalette
          view={view}
          takeEarly={takeEarly}
          onView={setView}
          viewer={viewer}
          signOut={signOut}
          combination={key}
        />
      )}
    </>
  )
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(target.type)))

const never = () => () => {}
