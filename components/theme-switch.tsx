"use client"

import { useEffect, useId, useRef, useSyncExternalStore } from "react"
import { savePreference } from "./preference"
import { MonitorIcon, MoonIcon, SunIcon } from "./ui/icons"

export type Theme = "system" | "light" | "dark"

const choices = [
  { value: "system", label: "System", Icon: MonitorIcon },
  { value: "light", label: "Light", Icon: SunIcon },
  { value: "dark", label: "Dark", Icon: MoonIcon },
] as const

/** `theme` is what the server rendered; after that, every switch on the page follows `<html data-theme>`. */
export function ThemeSwitch({ theme }: { theme: Theme }) {
  const name = useId()
  const current = useSyncExternalStore(followTheme, shownTheme, () => theme)
  const fieldset = useRef<HTMLFieldSetElement>(null)

  useEffect(() => {
    // What was chosen before hydration. The browser restores no earlier choice, because of autoComplete.
    const early = fieldset.current!.querySelector<HTMLInputElement>(":checked")?.value
    if (early !== theme) chooseTheme(early as Theme)
    // Only once, after hydration.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  return (
    <fieldset ref={fieldset} className="inline-flex rounded-md border border-line bg-surface p-0.5 noscript:hidden">
      <legend className="sr-only">Colour theme</legend>
      {choices.map(({ value, label, Icon }) => (
        <label
          key={value}
          className="relative flex min-h-7 items-center gap-1.5 rounded-[6px] px-2 text-sm text-muted transition-colors hover:text-text has-checked:bg-accent-soft has-checked:font-medium has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent forced-colors:has-checked:outline-2"
        >
          <input
            type="radio"
            name={name}
            value={value}
            checked={current === value}
            onChange={() => chooseTheme(value)}
            className="absolute inset-0 size-full cursor-pointer opacity-0"
            autoComplete="off"
          />
          <Icon size={16} />
          {label}
        </label>
      ))}
    </fieldset>
  )
}

/** Takes effect immediately, on every page. */
export function chooseTheme(theme: Theme) {
  savePreference("theme", theme)
  document.documentElement.dataset.theme = theme
}

function followTheme(changed: () => void) {
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] })
  return () => observer.disconnect()
}

const shownTheme = () => (document.documentElement.dataset.theme ?? "system") as Theme
