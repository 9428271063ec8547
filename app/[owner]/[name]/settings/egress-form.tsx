"use client"

import { SectionForm } from "@/components/section-form"
import { ActionFold } from "@/components/ui/action-fold"
import { Field, Select } from "@/components/ui/field"
import { useActionForm } from "@/components/use-action-form"
import { freshForm } from "@/lib/next/form"
import { type ModelRef, saveEgressAction } from "./actions"
import { hiddenFor } from "./hidden"

const fields = ["egress"] as const

/** Requests Internet access. Whether it is allowed is shown above the form. */
export function EgressForm({ model, egress, revision }: { model: ModelRef; egress: string; revision: string }) {
  const section = useActionForm(saveEgressAction, freshForm({ egress }), { fields, revision })
  return (
    <ActionFold label="Change access…" forced={section.state.detail !== "" || section.state.ok} corner>
      <SectionForm
        section={section}
        hidden={hiddenFor(model)}
        labels={{ egress: "Internet access" }}
        label="Save access"
        pendingLabel="Saving…"
        done="Saved. Applies to instances started from now on."
      >
        <Field
          label="While it runs, the model may reach"
          id="egress-choice"
          error={section.complaints.egress}
          hint="Private networks, this server and other models stay unreachable either way. Input files work without it."
        >
          {(control) => (
            <Select {...control} {...section.form.register("egress")} defaultValue={egress} className="max-w-md">
              <option value="none">Nothing</option>
              <option value="internet">The Internet</option>
            </Select>
          )}
        </Field>
      </SectionForm>
    </ActionFold>
  )
}
