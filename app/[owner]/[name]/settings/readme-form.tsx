"use client"

import { type KeyboardEvent, startTransition, useEffect, useRef, useState } from "react"
import { useWatch } from "react-hook-form"

import { dropDraft, saveDraft, readDraft } from "@/components/draft"
import { DraftNotice } from "@/components/draft-notice"
import { Markdown } from "@/components/markdown"
import { SectionForm } from "@/components/section-form"
import { Button } from "@/components/ui/button"
import { Field, TextArea } from "@/components/ui/field"
import { useActionForm } from "@/components/use-action-form"
import { type FormState, freshForm } from "@/lib/next/form"
import { type ModelRef, type ReadmeState, saveReadmeAction } from "./actions"
import { hiddenFor } from "./hidden"

const fields = ["readme"] as const
const tabs = ["Write", "Preview"] as const

/** A Markdown editor with a preview. Without scripts, a button shows the preview below. */
export function ReadmeForm({
  account,
  model,
  readme,
  revision,
}: {
  account: string
  model: ModelRef
  readme: string
  revision: string
}) {
  const section = useActionForm(saveReadmeAction, freshForm({ readme }), { fields, revision })
  const restored = useReadmeDraft(section, `understudy.readme-draft.${account}.${model.owner}/${model.name}`, revision)
  const { complaints, text, element, pending, props } = section
  const { preview } = section.state as ReadmeState
  const [tab, setTab] = useState<(typeof tabs)[number]>("Write")
  const buttons = useRef<(HTMLButtonElement | null)[]>([])

  function open(next: (typeof tabs)[number]) {
    setTab(next)
    if (next !== "Preview") return
    const form = new FormData(element.current!)
    form.set("intent", "preview")
    startTransition(() => props.action(form))
  }

  function moveBy(event: KeyboardEvent) {
    if (!["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return
    event.preventDefault()
    const at = event.key === "Home" ? 0 : event.key === "End" ? 1 : 1 - tabs.indexOf(tab)
    open(tabs[at]!)
    buttons.current[at]?.focus()
  }

  // The preview uses the same action as saving, because without scripts a form shows the result of one action only.
  const drawing = pending && tab === "Preview"
  return (
    <SectionForm
      section={section}
      hidden={hiddenFor(model)}
      labels={{ readme: "README" }}
      label="Save README"
      pendingLabel={drawing ? "Rendering…" : "Saving…"}
      beside={
        <span className="hidden noscript:inline">
          <Button type="submit" variant="quiet" name="intent" value="preview">
            Preview
          </Button>
        </span>
      }
    >
      {restored.is && <DraftNotice discard={restored.discard} />}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
        <div
          role="tablist"
          aria-label="README"
          onKeyDown={moveBy}
          className="flex gap-1 shadow-[inset_0_-1px_var(--line)] noscript:hidden"
        >
          {tabs.map((name, at) => (
            <button
              key={name}
              ref={(button) => {
                buttons.current[at] = button
              }}
              type="button"
              role="tab"
              id={`readme-tab-${name}`}
              aria-controls={`readme-panel-${name}`}
              aria-selected={tab === name}
              tabIndex={tab === name ? 0 : -1}
              onClick={() => open(name)}
              className="min-h-10 border-b-2 border-transparent px-3 text-muted transition-colors hover:text-text focus-visible:-outline-offset-2 aria-selected:border-accent aria-selected:font-semibold aria-selected:text-text forced-colors:border-[Canvas] forced-colors:aria-selected:border-[Highlight]"
            >
              {name}
            </button>
          ))}
        </div>
        <div
          role="tabpanel"
          id="readme-panel-Write"
          aria-labelledby="readme-tab-Write"
          className={tab === "Write" ? "" : "hidden"}
        >
          <Field
            label="Text"
            mark="Markdown"
            id="readme-text"
            error={complaints.readme}
            hint="Everyone with access sees it on the model’s page. HTML is removed."
          >
            {(control) => (
              <TextArea
                {...control}
                {...text("readme")}
                mono
                rows={6}
                spellCheck
                placeholder={`# ${model.name}\n\nWhat it takes, what it returns and where it falls short.`}
                className="max-h-[70dvh] min-h-32 field-sizing-content text-sm"
              />
            )}
          </Field>
        </div>
        <div
          role="tabpanel"
          id="readme-panel-Preview"
          aria-labelledby="readme-tab-Preview"
          aria-busy={drawing}
          tabIndex={0}
          className={tab === "Preview" ? "" : preview !== undefined ? "hidden noscript:block" : "hidden"}
        >
          <div className="min-h-40 rounded-lg border border-line bg-surface p-5">
            {preview ? (
              <Markdown html={preview} />
            ) : (
              <p className="text-muted">
                {drawing || preview === undefined ? "Rendering the preview…" : "Nothing to preview yet."}
              </p>
            )}
          </div>
        </div>
      </div>
    </SectionForm>
  )
}

type Draft = { readme: string; revision: string }
type Section = ReturnType<typeof useActionForm<FormState<{ readme: string }>>>

/**
 * Keeps an unsaved README across reloads. The draft keeps its revision, so that saving it over somebody else's change
 * is a conflict.
 */
function useReadmeDraft({ form, revision, setRevision }: Section, key: string, read: string) {
  const [restored, setRestored] = useState(false)
  const readme = useWatch({ control: form.control, name: "readme" })
  const { isDirty } = form.formState

  useEffect(() => {
    const draft = readDraft<Draft>(
      key,
      (found) => typeof found.readme === "string" && typeof found.revision === "string",
    )
    if (!draft || draft.readme === form.getValues("readme")) return
    form.setValue("readme", draft.readme, { shouldDirty: true })
    setRevision(draft.revision)
    setRestored(true)
    // Restored once, when the page opens.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  const typed = useRef(false)
  useEffect(() => {
    if (isDirty && revision !== undefined) saveDraft<Draft>(key, { readme, revision })
    // Saved, or back to the saved text.
    else if (typed.current) {
      dropDraft(key)
      setRestored(false)
    }
    typed.current = isDirty
  }, [key, isDirty, readme, revision])

  return {
    is: restored,
    discard() {
      dropDraft(key)
      form.reset()
      setRevision(read)
      setRestored(false)
    },
  }
}
