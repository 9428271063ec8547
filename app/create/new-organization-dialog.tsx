"use client"

import { useEffect, useRef } from "react"
import { createPortal } from "react-dom"

import { CreateOrganizationForm } from "@/app/organizations/create/create-organization-form"
import { Button } from "@/components/ui/button"

type Props = { origin: string; close: () => void; created: (username: string) => void }

/** Creates an organization without leaving the create form of a model. */
export function NewOrganizationDialog({ origin, close, created }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)

  useEffect(() => dialog.current?.showModal(), [])

  // Outside the model's form: forms cannot be nested. The submit event would still bubble to it through React.
  return createPortal(
    <dialog
      ref={dialog}
      aria-labelledby="new-organization"
      onClose={close}
      onSubmit={(event) => event.stopPropagation()}
      onKeyDown={(event) => event.stopPropagation()}
      className="m-auto w-[min(32rem,calc(100vw-2rem))] rounded-xl border border-line bg-surface p-6 text-text shadow-lg backdrop:bg-black/40"
    >
      <h2 id="new-organization" className="mb-4 text-xl">
        New organization
      </h2>
      <CreateOrganizationForm next="" origin={origin} created={created}>
        <Button onClick={() => dialog.current?.close()}>Cancel</Button>
      </CreateOrganizationForm>
    </dialog>,
    document.body,
  )
}
