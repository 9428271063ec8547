"use client"

import { Button } from "@/components/ui/button"
import { Notice } from "@/components/ui/notice"
import { useFormAction } from "@/components/use-form-action"
import type { FormState } from "@/lib/next/form"
import { deleteVersionAction } from "./actions"

type Props = { owner: string; name: string; id: string; blockers: string[]; aliases: string[] }

const blank: FormState = { ok: false, values: {}, detail: "", fields: {} }

/** Deletes a version after confirmation, or shows what prevents it. */
export function DeleteVersionForm({ owner, name, id, blockers, aliases }: Props) {
  const [state, send, pending] = useFormAction(deleteVersionAction, blank)
  return (
    <section aria-labelledby="delete" className="max-w-3xl rounded-xl border border-danger/35 p-5">
      <h2 id="delete">Delete this version</h2>
      {blockers.length > 0 ? (
        <ul className="mt-2 list-disc pl-5">
          {blockers.map((blocker) => (
            <li key={blocker}>{blocker}</li>
          ))}
        </ul>
      ) : (
        <form action={send} className="mt-2 grid justify-items-start gap-4">
          <p>
            Its image can no longer be pulled, and requests for this version fail. This cannot be undone.
            {aliases.length > 0 && (
              <span>{` The ${aliases.length === 1 ? "name" : "names"} ${aliases.join(", ")} will be removed.`}</span>
            )}
          </p>
          {state.detail && (
            <Notice kind="danger" role="alert">
              {state.detail}
            </Notice>
          )}
          {Object.entries({ owner, name, id }).map(([field, value]) => (
            <input key={field} type="hidden" name={field} value={value} />
          ))}
          <label className="flex min-h-8 items-center gap-2">
            <input type="checkbox" required /> I want to delete this version
          </label>
          <Button type="submit" variant="danger" pending={pending} pendingLabel="Deleting…">
            Delete this version
          </Button>
        </form>
      )}
    </section>
  )
}
