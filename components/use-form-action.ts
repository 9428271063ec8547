"use client"

import { unstable_isUnrecognizedActionError } from "next/navigation"
import { useActionState, useCallback, useEffect, useRef } from "react"

import type { FormState } from "@/lib/next/form"

type Action<S> = (state: Awaited<S>, form: FormData) => Promise<S>

/**
 * `useActionState` for a form of ours. Where no answer comes from the server, the form stays as it is and says so, in place of the page
 * for errors, which would take along what was typed; and what is sent twice before there is an answer, by a double click, is sent once.
 * The server renders the action itself: that is what makes a form work without scripts.
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

  // Always the same function: React would put an address of its own, with a script in it, into a form whose action changed.
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
      return await action(state, form)
    } catch (error) {
      // What the server threw has a digest, and so has a redirect.
      if (!(error instanceof Error) || "digest" in error) throw error
      const values = Object.fromEntries(
        Object.entries(state.values).map(([name, was]) => [name, form.has(name) ? form.getAll(name).join(" ") : was]),
      )
      return {
        ok: false,
        values,
        detail: unstable_isUnrecognizedActionError(error) ? outdated : unanswered,
        fields: {},
        revision: state.revision,
        unanswered: true,
      } as S
    }
  }

const unanswered =
  "No answer came from the server, so this may not have arrived. What you typed is still here: check the connection and send it again."
const outdated =
  "The server was updated since this page was opened. Copy what you would not like to type again, and reload the page."
