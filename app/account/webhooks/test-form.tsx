"use client"

import { Button } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { testWebhookAction, type TestState } from "./actions"

/** Sends a test webhook to a URL and shows the result. */
export function TestForm({ organization = "" }: { organization?: string }) {
  const { state, pending, notice, props } = useActionForm<TestState>(testWebhookAction, {
    ok: false,
    values: { url: "" },
    detail: "",
    fields: {},
  })
  return (
    <form {...props} className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <input type="hidden" name="organization" value={organization} />
      <div ref={notice} tabIndex={-1} className="empty:hidden">
        {state.outcome && (
          <Notice kind={state.delivered ? "success" : "warn"} role="status">
            {state.outcome}
          </Notice>
        )}
        {state.detail && !state.fields.url && (
          <Notice kind="danger" role="alert">
            {state.detail}
          </Notice>
        )}
      </div>
      <div className="grid items-start gap-3 sm:grid-cols-[minmax(0,1fr)_auto]">
        <Field
          label="URL"
          id="url"
          error={state.fields.url}
          hint="It receives a sample prediction, signed like any other."
        >
          {(control) => (
            <TextInput
              {...control}
              name="url"
              type="url"
              inputMode="url"
              defaultValue={state.values.url}
              maxLength={2100}
              autoComplete="off"
              placeholder="https://"
            />
          )}
        </Field>
        <Button type="submit" className="sm:mt-7" pending={pending} pendingLabel="Sending…">
          Send test
        </Button>
      </div>
    </form>
  )
}
