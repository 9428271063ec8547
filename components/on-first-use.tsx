"use client"

import { Activity, type ComponentType, lazy, useEffect } from "react"

import { holdUntilReady } from "./hold-until-ready"
import { wasEdited } from "./was-edited"

/** What shows that somebody uses the page. Not `focusin`: a field may have the focus from the start. */
const signs = ["pointermove", "pointerdown", "touchstart", "keydown", "input", "change", "click", "submit"]

type Options<P> = {
  /** The ID of the component's outermost element. */
  id: string
  load: () => Promise<ComponentType<P>>
  /** Whether the scripts are needed at once, for example to restore a draft. */
  neededAtOnce: (props: P) => boolean
}

/**
 * A component whose scripts are loaded when the page is first used. Until then it is plain HTML, which keeps what is
 * typed; what needs the scripts happens as soon as they run. If they cannot be loaded, it stays plain HTML. Where the
 * router leads to the component, they are loaded at once.
 */
export function onFirstUse<P extends object>({ id, load, neededAtOnce }: Options<P>): ComponentType<P> {
  let use = () => {}
  const used = new Promise<void>((resolve) => (use = resolve))
  let release = () => {}
  let hasBegun = false
  let held: ReturnType<typeof holdUntilReady>

  /** Begins to notice use, once; returns the element if it is plain HTML. */
  function begin(): HTMLElement | null {
    const html = typeof document === "undefined" ? null : document.getElementById(id)
    if (html && !hasBegun) {
      for (const sign of signs) addEventListener(sign, use, { capture: true, passive: true, once: true })
      held = holdUntilReady(html)
      release = held.release
    }
    hasBegun = true
    return html
  }

  const Loaded = lazy(async () => {
    const html = begin()
    if (html) {
      if (wasEdited(html) || mayBeTranslated()) use()
      await used
      for (const sign of signs) removeEventListener(sign, use, { capture: true })
    }
    try {
      const component = await load()
      // Hydration would interrupt an input method.
      if (html) await held.composed()
      return { default: component }
    } catch (error) {
      if (!html?.isConnected) throw error
      release()
      return new Promise<never>(() => {})
    }
  })

  // An Activity is hydrated on its own, and unlike Suspense it is always part of the first HTML.
  return function OnFirstUse(props: P) {
    useEffect(() => {
      // Before what was pressed earlier is let through (release-early.tsx): React hydrates an Activity later than the rest.
      begin()
      if (neededAtOnce(props)) use()
      // Only once, when the page opens.
      // eslint-disable-next-line react-hooks/exhaustive-deps
    }, [])

    return (
      <Activity>
        <Loaded {...props} />
        <Ready then={() => release()} />
      </Activity>
    )
  }
}

/** Hydrated together with the component before it. */
function Ready({ then }: { then: () => void }) {
  // Only once, and after the effects of the component.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  useEffect(then, [])
  return null
}

/** Whether the browser may translate the page, which before hydration would change what React hydrates. */
const mayBeTranslated = (): boolean =>
  !navigator.languages.some((language) => language.startsWith(document.documentElement.lang))
