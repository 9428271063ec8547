import { isSubmitShortcut } from "./is-submit-shortcut"

/**
 * Holds what needs scripts while those of an element are being loaded: submits, presses of buttons and links, shortcuts,
 * and what is typed where the command palette was opened (see lib/next/late-scripts.ts). `release` lets all of it happen;
 * `composed` waits until no input method is composing text.
 */
export function holdUntilReady(element: HTMLElement): { release: () => void; composed: () => Promise<void> } {
  const held: (() => void)[] = []
  const listening = new AbortController()
  let [composing, submitted] = [false, false]
  let opener: EventTarget | null = null

  const hold = (event: Event, again: () => void) => {
    event.preventDefault()
    event.stopImmediatePropagation()
    held.push(again)
  }
  const listen = <T extends keyof WindowEventMap>(type: T, heard: (event: WindowEventMap[T]) => void) =>
    addEventListener(type, heard, { capture: true, signal: listening.signal })

  listen("submit", (event) => {
    const form = event.target as HTMLFormElement
    if (!element.contains(form)) return
    // Once, however often the button was pressed.
    hold(event, submitted ? () => {} : () => form.requestSubmit(event.submitter))
    submitted = true
  })
  listen("click", (event) => {
    const pressed = event.target instanceof Element ? event.target.closest<HTMLElement>("a, button[type=button]") : null
    if (pressed && element.contains(pressed) && !event.ctrlKey && !event.metaKey && !event.shiftKey)
      hold(event, () => pressed.click())
  })
  listen("keydown", (event) => {
    const { target } = event
    if (!(target instanceof Element) || !element.contains(target)) return
    if (!isShortcut(event) && !(target === opener && isTyping(event))) return
    hold(event, () => target.dispatchEvent(new KeyboardEvent("keydown", event)))
    if (event.key !== "Enter") opener = target
  })
  // It may have started before the first script ran.
  for (const type of ["compositionstart", "compositionupdate"] as const) listen(type, () => (composing = true))
  listen("compositionend", () => (composing = false))

  return {
    release() {
      listening.abort()
      for (const again of held.splice(0)) again()
    },
    async composed() {
      // While capturing, because React lets no event through to what is not hydrated yet.
      const first = { capture: true, once: true }
      while (composing) await new Promise((ended) => addEventListener("compositionend", ended, first))
    },
  }
}

/** To submit a form, and to open the command palette. */
const isShortcut = (event: KeyboardEvent) =>
  isSubmitShortcut(event) || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k")

const isTyping = ({ key, ctrlKey, metaKey }: KeyboardEvent) =>
  !ctrlKey && !metaKey && (key.length === 1 || key === "Backspace" || key === "Enter")
