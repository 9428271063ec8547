"use client"

import { FormKey } from "@/components/form-key"
import { SectionForm } from "@/components/section-form"
import { useActionForm } from "@/components/use-action-form"
import { freshForm } from "@/lib/next/form"
import { lazyResolver } from "@/components/lazy-resolver"
import { Field, TextInput } from "@/components/ui/field"
import { nameLimit } from "@/lib/models/fields"
import { isModelName, nearestName } from "@/lib/models/name"
import { acceptTransferAction } from "./actions"

const fields = ["name"] as const
const resolver = lazyResolver<{ name: string }>(
  async () => (await import("@/lib/transfers/schema")).AcceptTransferInput,
)

type Props = { id: number; formKey: string; name: string; to: string }

export function AcceptForm({ id, formKey, name, to }: Props) {
  // Names allowed in earlier releases may no longer be valid.
  const start = isModelName(name) ? name : (nearestName(name) ?? "")
  const section = useActionForm(acceptTransferAction, freshForm({ name: start }), { fields, resolver })
  return (
    <SectionForm section={section} hidden={{ id: String(id) }} label="Accept" pendingLabel="Accepting…">
      <FormKey value={formKey} />
      <Field
        label="Name"
        id={`name-${id}`}
        error={section.complaints.name}
        hint={`It will become ${to}/${section.form.watch("name") || start}.`}
      >
        {(control) => (
          <TextInput
            {...control}
            {...section.text("name")}
            mono
            maxLength={nameLimit + 100}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            className="max-w-md"
          />
        )}
      </Field>
    </SectionForm>
  )
}
