"use client"

import { ActionFold } from "@/components/ui/action-fold"
import { Notice } from "@/components/ui/notice"
import { type ModelRef, saveVisibilityAction } from "./actions"
import { hiddenFor } from "./hidden"
import { SectionForm } from "@/components/section-form"
import { useActionForm } from "@/components/use-action-form"
import { freshForm } from "@/lib/next/form"

type Props = { model: ModelRef; visibility: "public" | "private"; hasVersions: boolean; organization: boolean }

const fields = ["visibility"] as const

/** Explains a visibility change before the button that makes it. Native details, so that it works without scripts. */
export function VisibilityForm({ model, visibility, hasVersions, organization }: Props) {
  const next = visibility === "public" ? "private" : "public"
  const section = useActionForm(saveVisibilityAction, freshForm({ visibility: next }), { fields })
  const insiders = organization ? `the members of ${model.owner}` : "you"
  const [gains, losses] = {
    private: [
      [`Only ${insiders} can see and run it: page, API, README and cover.`],
      [
        "Everyone else loses access immediately and gets “not found”.",
        "It disappears from search, Explore, your public profile and collections.",
        `${organization ? model.owner : "You"} will also pay for setup and idle time, on dedicated hardware.`,
      ],
    ],
    public: [
      [
        `Everyone can see its page, README and cover${hasVersions ? ", and all versions, including old ones" : ""}.`,
        "It appears in search and Explore, and anyone can run it. Whoever runs it pays, for active time only.",
      ],
      [
        "It cannot be deleted while it is public.",
        "Copies that others made remain theirs if you make it private again.",
      ],
    ],
  }[next] as [string[], string[]]

  return (
    <ActionFold label={`Make it ${next}…`} forced={section.state.detail !== ""} corner>
      <div className="rounded-lg border border-line bg-surface p-5">
        <Notice kind="warn" title={`What changes if ${model.owner}/${model.name} becomes ${next}`} className="mb-5">
          <ul className="list-disc space-y-1 pl-5">
            {[...gains, ...losses].map((line) => (
              <li key={line} className="wrap-anywhere">
                {line}
              </li>
            ))}
          </ul>
        </Notice>
        <SectionForm
          section={section}
          hidden={hiddenFor(model)}
          label={`Yes, make it ${next}`}
          pendingLabel="Changing…"
          variant="primary"
        >
          <input type="hidden" name="visibility" value={next} />
        </SectionForm>
      </div>
    </ActionFold>
  )
}
