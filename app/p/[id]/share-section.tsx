import { ActionForm, SubmitButton } from "@/components/action-form"
import { CodeBlock } from "@/components/ui/code-block"
import { Checkbox, Field, Select } from "@/components/ui/field"
import type { Share } from "@/lib/predictions/share"
import { changePredictionAction, sharePredictionAction } from "./actions"

type Props = {
  id: string
  share: Share | null
  origin: string
  /** Whether the prediction is of the viewer's own account, not of an organization. */
  personal: boolean
}

/** The share link of a prediction: whether there is one, what it shows, and when it expires. */
export function ShareSection({ id, share, origin, personal }: Props) {
  const path = share && `/p/${id}?share=${share.secret}`
  return (
    <section aria-labelledby="share" className="mt-10 max-w-3xl border-t border-line pt-6">
      <h2 id="share">Share</h2>
      {share ? (
        <div className="mt-3 grid grid-cols-[minmax(0,1fr)] gap-4">
          <CodeBlock label="Link to this prediction" wrap code={origin + path} />
          <p className="text-sm text-muted">
            <span>
              {share.hides_input
                ? "Anyone with the link sees the output, but not the input."
                : "Anyone with the link sees the input and the output."}
            </span>{" "}
            <span>Logs, cost and secrets are never shown.</span>{" "}
            <span>
              {share.expires_at
                ? `It ends on ${share.expires_at.slice(0, 16).replace("T", " ")} UTC.`
                : "The link works, and the data is kept, until you revoke it."}
            </span>
          </p>
          <div className="flex flex-wrap items-center gap-4">
            <a href={path!} className="link inline-flex min-h-8 items-center">
              See what others see
            </a>
            <ActionForm action={changePredictionAction}>
              <input type="hidden" name="id" value={id} />
              <SubmitButton name="change" value="revoke">
                Revoke the link
              </SubmitButton>
            </ActionForm>
          </div>
        </div>
      ) : (
        <ActionForm action={sharePredictionAction} className="mt-3 flex flex-wrap items-end gap-x-6 gap-y-3">
          <p className="basis-full text-muted">
            {personal
              ? "Only you can see this prediction."
              : "Only the members of its organization can see this prediction."}{" "}
            A link shows it to anyone who has it.
          </p>
          <input type="hidden" name="id" value={id} />
          <Field label="The link works">
            {(control) => (
              <Select {...control} name="days" defaultValue="30">
                <option value="1">for a day</option>
                <option value="7">for a week</option>
                <option value="30">for 30 days</option>
                <option value="">until it is revoked</option>
              </Select>
            )}
          </Field>
          <Checkbox name="hides_input" value="1" label="Hide the input" className="min-h-10.5 items-center" />
          <SubmitButton>Create link</SubmitButton>
          <a href={`/p/${id}?preview=all`} className="link inline-flex min-h-10.5 items-center">
            Preview what others would see
          </a>
        </ActionForm>
      )}
    </section>
  )
}
