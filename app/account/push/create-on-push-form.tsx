"use client"

import { Button } from "@/components/ui/button"
import { Field, Select } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useFormAction } from "@/components/use-form-action"
import { setCreateOnPushAction } from "./actions"

type Props = { hardware: { sku: string; name: string }[]; chosen: string | null }

/** Whether a push may create its model, and on which hardware. */
export function CreateOnPushForm({ hardware, chosen }: Props) {
  const [state, send, pending] = useFormAction(setCreateOnPushAction, {
    ok: false,
    values: { hardware: chosen ?? "" },
    detail: "",
    fields: {},
  })
  return (
    <form action={send} className="grid items-start gap-x-3 gap-y-4 sm:grid-cols-[minmax(0,1fr)_auto]">
      {(state.ok || state.detail) && (
        <Notice kind={state.ok ? "success" : "danger"} role="status" className="sm:col-span-2">
          {state.ok ? "Saved." : state.detail}
        </Notice>
      )}
      <Field label="Pushing to a new name" id="hardware" error={state.fields.hardware}>
        {(control) => (
          <Select {...control} name="hardware" key={state.values.hardware} defaultValue={state.values.hardware}>
            <option value="">is rejected</option>
            {hardware.map(({ sku, name }) => (
              <option key={sku} value={sku}>
                creates a private model on {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <Button type="submit" pending={pending} pendingLabel="Saving…" className="sm:mt-7">
        Save
      </Button>
    </form>
  )
}
