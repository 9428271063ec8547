"use client"

import { Button } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { useFormAction } from "@/components/use-form-action"
import { addModelAction, type ModelState } from "../../actions"

/** Adds a model at the end of the collection. */
export function AddModelForm({ slug }: { slug: string }) {
  const [state, send, pending] = useFormAction<ModelState>(addModelAction, {
    ok: false,
    values: { model: "" },
    detail: "",
    fields: {},
  })
  return (
    <form action={send} noValidate className="grid items-start gap-x-3 gap-y-4 sm:grid-cols-[minmax(0,1fr)_auto]">
      <input type="hidden" name="slug" value={slug} />
      <Field
        label="Add a model"
        id="model"
        error={state.fields.model ?? (state.detail || undefined)}
        hint="owner/name or the URL of its page. Added at the end."
      >
        {(control) => (
          <TextInput
            {...control}
            mono
            name="model"
            key={state.values.model}
            defaultValue={state.values.model}
            maxLength={400}
            required
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        )}
      </Field>
      <Button type="submit" pending={pending} pendingLabel="Adding…" className="sm:mt-7">
        Add
      </Button>
    </form>
  )
}
