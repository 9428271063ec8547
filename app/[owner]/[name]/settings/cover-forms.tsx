"use client"

import { useRouter } from "next/navigation"
import { type FormEvent, useRef, useState } from "react"

import { lazyResolver } from "@/components/lazy-resolver"
import { Button } from "@/components/ui/button"
import { Disclosure } from "@/components/ui/disclosure"
import { Field, TextInput } from "@/components/ui/field"
import { CheckIcon } from "@/components/ui/icons"
import { type ModelRef, saveCoverLinkAction } from "./actions"
import { hiddenFor } from "./hidden"
import { SectionForm } from "@/components/section-form"
import { useActionForm } from "@/components/use-action-form"
import { freshForm } from "@/lib/next/form"

type Outcome = { saved: true } | { saved: false; detail: string } | null

/** Posts to a route, because an image is too large for a server action. */
export function CoverUploadForm({ model, outcome: before }: { model: ModelRef; outcome: Outcome }) {
  const router = useRouter()
  const [outcome, setOutcome] = useState(before)
  const [pending, setPending] = useState(false)
  const input = useRef<HTMLInputElement>(null)

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    if (pending) return
    const form = event.currentTarget
    setPending(true)
    const answer = await post(form)
    setPending(false)
    setOutcome(answer)
    if (answer.saved) {
      form.reset()
      router.refresh()
    } else input.current?.focus()
  }

  const refused = outcome?.saved === false ? outcome.detail : undefined
  return (
    <form
      action={`/${model.owner}/${model.name}/cover`}
      method="post"
      encType="multipart/form-data"
      onSubmit={send}
      className="grid grid-cols-[minmax(0,1fr)] gap-3"
    >
      <Field
        label="Upload an image"
        id="cover-file"
        error={refused}
        hint="PNG, JPEG, WebP, GIF or AVIF up to 8 MB. Metadata such as location is removed."
      >
        {(control) => (
          <input
            {...control}
            ref={input}
            type="file"
            name="cover"
            accept="image/png,image/jpeg,image/webp,image/gif,image/avif"
            autoFocus={before?.saved === false}
            className="w-full min-w-0 rounded-md border border-field bg-surface text-sm text-muted file:mr-3 file:h-10 file:cursor-pointer file:border-0 file:border-r file:border-solid file:border-line file:bg-sunken file:px-4 file:font-semibold file:text-text hover:file:bg-hover aria-invalid:border-danger"
          />
        )}
      </Field>
      <div className="flex flex-wrap items-center gap-4">
        <Button type="submit" pending={pending} pendingLabel="Uploading…">
          Upload
        </Button>
        <p role="status" className="flex items-center gap-1.5 text-sm text-accent empty:hidden">
          {outcome?.saved && (
            <>
              <CheckIcon size={16} />
              <span>Cover image updated.</span>
            </>
          )}
        </p>
      </div>
    </form>
  )
}

async function post(form: HTMLFormElement): Promise<NonNullable<Outcome>> {
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { accept: "application/json" },
    })
    const { ok, detail } = await response.json()
    return ok ? { saved: true } : { saved: false, detail }
  } catch {
    return { saved: false, detail: "Upload failed. Check your connection and try again." }
  }
}

const resolver = lazyResolver<{ cover_image_url: string }>(
  async () => (await import("@/lib/models/schema")).UpdateModelInput,
)
const fields = ["cover_image_url"] as const

/** A link to an image elsewhere. Saved empty, it removes the cover. */
export function CoverLinkForm({ model, link, revision }: { model: ModelRef; link: string; revision: string }) {
  const section = useActionForm(saveCoverLinkAction, freshForm({ cover_image_url: link }), {
    fields,
    resolver,
    revision,
  })
  return (
    <Disclosure summary="Link to an image elsewhere" open={section.state.detail !== "" || link !== "" || undefined}>
      <SectionForm
        section={section}
        hidden={hiddenFor(model)}
        labels={{ cover_image_url: "Cover image URL" }}
        label="Save link"
        pendingLabel="Saving…"
      >
        <Field
          label="Cover image URL"
          id="cover_image_url"
          error={section.complaints.cover_image_url}
          hint="Replaces an uploaded image. This server fetches it, so visitors’ browsers do not contact the other site."
        >
          {(control) => (
            <TextInput
              {...control}
              {...section.text("cover_image_url")}
              type="url"
              inputMode="url"
              placeholder="https://…/cover.png"
              maxLength={2500}
              autoComplete="off"
            />
          )}
        </Field>
      </SectionForm>
    </Disclosure>
  )
}

export function RemoveCoverForm({ model }: { model: ModelRef }) {
  const section = useActionForm(saveCoverLinkAction, freshForm({ cover_image_url: "" }), { fields })
  return (
    <SectionForm
      section={section}
      hidden={hiddenFor(model)}
      label="Remove cover"
      pendingLabel="Removing…"
      variant="quiet"
    >
      <input type="hidden" name="cover_image_url" value="" />
    </SectionForm>
  )
}
