"use client"

import { unstable_isUnrecognizedActionError } from "next/navigation"
import { useActionState, useCallback, useEffect, useRef } from "react"

import { freshForm, type FormState } from "@/lib/next/form"

type Action<S> = (state: Awaited<S>, form: FormData) => Promise<S>

/**
 * `useActionState` for our forms. Without a response, the form stays and says so, instead of an error page that would
 * discard what was typed; a double click is sent once. The server renders the action itself, so that forms work
 * without scripts.
 */
export function useFormAction<S extends FormState>(
  action: Action<S>,
  initial: Awaited<S>,
): [Awaited<S>, (form: FormData) => void, boolean] {
  const [state, dispatch, pending] = useActionState(
    typeof window === "undefined" ? action : orUnanswered(action),
    initial,
  )
  const underway = useRef(false)

  useEffect(() => {
    if (!pending) underway.current = false
  }, [pending])

  // Always the same function: for a changed action, React would put a URL with a script in it into the form.
  const send = useCallback(
    (form: FormData) => {
      if (underway.current) return
      underway.current = true
      dispatch(form)
    },
    [dispatch],
  )

  return [state, typeof window === "undefined" ? dispatch : send, pending]
}

const orUnanswered =
  <S extends FormState>(action: Action<S>): Action<S> =>
  async (state, form) => {
    try {
      // No action reads the previous state, and it would send everything that was typed twice.
      return await action(freshForm({}) as Awaited<S>, form)
    } catch (error) {
      // Errors of the server have a digest, and so do redirects.
      if (!(error instanceof Error) || "digest" in error) throw error
      const values = Object.fromEntries(
        Object.entries(state.values).map(([name, was]) => [name, form.has(name) ? form.getAll(name).join(" ") : was]),
      )
      return {
        ok: false,
        values,
        detail: whyNot(error),
        fields: {},
        revision: state.revision,
        unanswered: true,
      } as S
    }
  }

function whyNot(error: Error): string {
  const { message } = error
  if (refusedForms.some((beginning) => message.startsWith(beginning))) return message
  return unstable_isUnrecognizedActionError(error) ? outdated : unanswered
}

const unanswered =
  "No response from the server, so this may not have been saved. What you typed is still here: check your connection and try again."
const outdated = "The server was updated since you opened this page. Copy what you typed, then reload the page."
/** How refusals of server/origin.mjs and server/form-size.mjs begin. */
const refusedForms = ["This form came from another site", "This form is larger than"]
