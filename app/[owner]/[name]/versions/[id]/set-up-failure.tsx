import { ActionForm, SubmitButton } from "@/components/action-form"
import { Logs } from "@/components/run/logs"
import { Notice } from "@/components/ui/notice"
import { Time } from "@/components/ui/time"
import type { SetUpState } from "@/lib/predictions/set-up"
import { retrySetUpAction } from "./actions"

/** Says why the last set-up of a version failed and when the next follows, with a button that retries it at once. */
export function SetUpFailure({
  owner,
  name,
  id,
  state,
}: {
  owner: string
  name: string
  id: string
  state: SetUpState
}) {
  return (
    <Notice
      kind={state.paused ? "danger" : "warn"}
      title={state.paused ? "Set-up keeps failing" : "The last set-up failed"}
      className="mb-8"
    >
      {state.paused ? (
        <p>
          It failed {state.failures} times in a row and is not retried automatically. Until it is, predictions fail.
        </p>
      ) : (
        <p>
          It failed {state.failures === 1 ? "once" : `${state.failures} times in a row`}.
          {state.retry_at !== null && (
            <span>
              {" The next try follows "}
              <Time iso={state.retry_at} />.
            </span>
          )}
        </p>
      )}
      {state.failure && <Logs text={state.failure} label="Set-up log" />}
      <ActionForm action={retrySetUpAction} className="flex flex-wrap gap-3 pt-1">
        {Object.entries({ owner, name, id }).map(([field, value]) => (
          <input key={field} type="hidden" name={field} value={value} />
        ))}
        <SubmitButton pendingLabel="Retrying…">Retry set-up</SubmitButton>
      </ActionForm>
    </Notice>
  )
}

/** Confirms that the button worked. */
export const SetUpRetried = () => (
  <Notice kind="success" role="status" className="mb-8">
    The version is set up again as soon as a prediction needs it.
  </Notice>
)
