"use client"

import Link from "next/link"

import { FormKey } from "@/components/form-key"
import { lazyResolver } from "@/components/lazy-resolver"
import { ActionFold } from "@/components/ui/action-fold"
import { ButtonLink } from "@/components/ui/button"
import { Field, TextInput } from "@/components/ui/field"
import { LockIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { Time } from "@/components/ui/time"
import { nameLimit } from "@/lib/models/fields"
import { isModelName, nearestName } from "@/lib/models/name"
import {
  deleteModelAction,
  type ModelRef,
  offerTransferAction,
  renameModelAction,
  withdrawTransferAction,
} from "./actions"
import { hiddenFor } from "./hidden"
import { SectionForm } from "@/components/section-form"
import { useActionForm } from "@/components/use-action-form"
import { freshForm } from "@/lib/next/form"

const nameField = ["name"] as const
const nameResolver = lazyResolver<{ name: string }>(async () => (await import("@/lib/models/schema")).RenameModelInput)

export function RenameForm({ model }: { model: ModelRef }) {
  // Names allowed in earlier releases may no longer be valid.
  const start = isModelName(model.name) ? model.name : (nearestName(model.name) ?? "")
  const section = useActionForm(renameModelAction, freshForm({ name: start }), {
    fields: nameField,
    resolver: nameResolver,
  })
  // Unfolded if the model has to be renamed.
  const isAsked = section.state.detail !== "" || !isModelName(model.name)
  return (
    <ActionFold label="Rename…" forced={isAsked} corner>
      <SectionForm section={section} hidden={hiddenFor(model)} label="Rename" pendingLabel="Renaming…">
        <Field label="New name" id="new-name" error={section.complaints.name}>
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
    </ActionFold>
  )
}

const toField = ["to"] as const
const toResolver = lazyResolver<{ to: string }>(async () => (await import("@/lib/transfers/schema")).OfferTransferInput)

export function OfferForm({ model }: { model: ModelRef }) {
  const section = useActionForm(offerTransferAction, freshForm({ to: "" }), { fields: toField, resolver: toResolver })
  return (
    <ActionFold label="Transfer…" forced={section.state.detail !== ""} corner>
      <SectionForm section={section} hidden={hiddenFor(model)} label="Offer transfer" pendingLabel="Offering…">
        <Field label="New owner" id="transfer-to" error={section.complaints.to}>
          {(control) => (
            <TextInput
              {...control}
              {...section.text("to")}
              mono
              maxLength={200}
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              className="max-w-md"
            />
          )}
        </Field>
      </SectionForm>
    </ActionFold>
  )
}

export function WithdrawForm({ model, to, since }: { model: ModelRef; to: string; since: string }) {
  const section = useActionForm(withdrawTransferAction, freshForm({}))
  return (
    <div className="grid gap-4 sm:mt-4">
      <Notice title={`Offered to ${to}`}>
        <p>
          Offered <Time iso={since} />. It stays here until{" "}
          <Link href={`/${to}`} className="link">
            {to}
          </Link>{" "}
          accepts.
        </p>
      </Notice>
      <SectionForm section={section} hidden={hiddenFor(model)} label="Withdraw offer" pendingLabel="Withdrawing…" />
    </div>
  )
}

type Blockers = Partial<Record<"visibility" | "deployments" | "versions", string>>

/** Lists what prevents deletion, with links to fix it; shows the button when nothing does. */
export function DeleteForm({ model, formKey, blockers }: { model: ModelRef; formKey: string; blockers: Blockers }) {
  const section = useActionForm(deleteModelAction, freshForm({ confirm: "" }), { fields: confirmField })
  const inTheWay = Object.entries(blockers) as [keyof Blockers, string][]

  if (inTheWay.length > 0)
    return (
      <div className="rounded-lg border border-line sm:mt-4">
        <p className="flex items-center gap-2 border-b border-line bg-sunken px-4 py-2.5 text-sm font-semibold">
          <LockIcon size={16} className="text-muted" />
          {inTheWay.length === 1 ? "Resolve one thing first" : `${inTheWay.length} things to resolve first`}
        </p>
        <ul className="divide-y divide-line">
          {inTheWay.map(([what, why]) => (
            <li key={what} className="flex flex-wrap items-center justify-between gap-3 px-4 py-3">
              <span className="min-w-0 flex-1 basis-64">{why}</span>
              {what === "visibility" ? (
                <ButtonLink href="#visibility" size="sm">
                  Change visibility
                </ButtonLink>
              ) : what === "deployments" ? (
                <ButtonLink href={`/deployments?account=${model.owner}`} size="sm">
                  Deployments
                </ButtonLink>
              ) : (
                <ButtonLink href={`/${model.owner}/${model.name}/versions`} size="sm">
                  Manage versions
                </ButtonLink>
              )}
            </li>
          ))}
        </ul>
      </div>
    )

  return (
    <ActionFold label="Delete…" forced={section.state.detail !== ""} corner>
      <SectionForm
        section={section}
        hidden={hiddenFor(model)}
        label="Delete this model"
        pendingLabel="Deleting…"
        variant="danger"
      >
        <FormKey value={formKey} />
        <Field
          label={
            <span>
              Type <span className="font-mono">{model.name}</span> to confirm
            </span>
          }
          id="confirm"
          error={section.complaints.confirm}
        >
          {(control) => (
            <TextInput
              {...control}
              {...section.text("confirm")}
              mono
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              className="max-w-md"
            />
          )}
        </Field>
      </SectionForm>
    </ActionFold>
  )
}
const confirmField = ["confirm"] as const
