import { ActionForm, SubmitButton } from "@/components/action-form"
import { tryVersionAction } from "./actions"

/** A form that starts a trial of a version on the model's examples or on the viewer's latest runs. */
export const TryVersion = ({ owner, name, id }: { owner: string; name: string; id: string }) => (
  <section aria-labelledby="try" className="mb-10 max-w-3xl">
    <h2 id="try" className="mb-1">
      Try this version
    </h2>
    <p className="mb-3 text-muted">
      Runs it on earlier inputs and shows the results of both versions side by side. You pay for the runs.
    </p>
    <ActionForm action={tryVersionAction} className="flex flex-wrap gap-3">
      <input type="hidden" name="owner" value={owner} />
      <input type="hidden" name="name" value={name} />
      <input type="hidden" name="version" value={id} />
      <SubmitButton name="of" value="examples">
        On the examples
      </SubmitButton>
      <SubmitButton name="of" value="runs">
        On my last 20 runs
      </SubmitButton>
    </ActionForm>
  </section>
)
