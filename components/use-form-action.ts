"use client"

import { unstable_isUnrecognizedActionError } from "next/navigation"
import { useActionState, useCallback, useEffect, useRef } from "react"

import { freshForm, type FormState } from "@/lib/next/form"

type Action<S> = (state: Awaited<S>, form: FormData) => Promise<S>

/**
 * `useActionState` that survives a lost connection: the form keeps what was typed and shows an error, instead of an
 * error page that would discard it. A double click submits once. On the server, the action is passed on unchanged, so
 * that forms work without scripts.
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

  // A stable function: if the action changed, React would set the form's action to a javascript: URL.
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
      // No action reads the previous state, and sending it would upload everything that was typed twice.
      return await action(freshForm({}) as Awaited<S>, form)
    } catch (error) {
      // Errors thrown on the server and redirects have a digest.
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
/** The beginnings of errors from server/origin.mjs and server/form-size.mjs. */
const refusedForms = ["This form came from another site", "This form is larger than"]
