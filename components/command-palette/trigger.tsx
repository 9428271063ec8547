"use client"

import dynamic from "next/dynamic"
import { useEffect, useRef, useState, useSyncExternalStore } from "react"

import { SearchIcon } from "../ui/icons"
import type { PaletteView, PaletteViewer } from "./commands"
import { singleKeysAreOn } from "./single-keys"

// Loaded on first use.
const CommandPalette = dynamic(() => import("./palette").then(({ CommandPalette }) => CommandPalette), { ssr: false })

type Props = { viewer: PaletteViewer; signOut: () => Promise<void> }

/** The button and keys that open the command palette. Without scripts, a search form takes its place. */
export function PaletteTrigger({ viewer, signOut }: Props) {
  const [view, setView] = useState<PaletteView | null>(null)
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
      {view && (
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
