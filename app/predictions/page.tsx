import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere } from "@/app/nothing-here"
import { ActionForm, SubmitButton } from "@/components/action-form"
import { Pager } from "@/components/pager"
import { ChooseAll } from "@/components/run/choose-all"
import { PredictionTable } from "@/components/run/prediction-table"
import { dollars } from "@/components/run/run-estimate"
import { Button, ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { Field, Select, TextInput } from "@/components/ui/field"
import { ClockIcon } from "@/components/ui/icons"
import { PageHeader } from "@/components/ui/page-header"
import { may } from "@/lib/access/policy"
import { requireActor } from "@/lib/next/action"
import { nullIfUnavailable, pageFrom, param } from "@/lib/next/page"
import { listHistory } from "@/lib/predictions/history"
import { statuses } from "@/lib/predictions/status"
import { listTokens } from "@/lib/tokens/token"
import { changePredictionsAction } from "./actions"
import { accountsOf, historyFilter } from "./filter"

export const metadata: Metadata = { title: "Predictions", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function PredictionsPage({ searchParams }: Props) {
  const query = await searchParams
  const { texts, filter, complaints, cursor } = historyFilter(query)
  const asked = param(query.account)
  const given = new URLSearchParams({ ...texts, ...(asked && { account: asked }) })
  const here = given.size > 0 ? `/predictions?${given}` : "/predictions"
  const actor = await requireActor(here)
  const accounts = await accountsOf(actor)
  const account = accounts.find(({ username }) => username === (asked ?? actor.username))
  if (!account) return <NothingHere />
  const page = await pageFrom((from) => listHistory(actor, filter, from, account), cursor)
  const tokens = (await nullIfUnavailable(listTokens(actor, account))) ?? []
  const filtered = Object.keys(texts).length > 0
  const link = (to: string | null) => to && `/predictions?${new URLSearchParams([...given, ["cursor", to]])}`
  const changes = may(actor, "run", account.id)
  const cost = page.rows.reduce((sum, { cost_usd }) => sum + (cost_usd ?? 0), 0)

  return (
    <>
      <PageHeader
        title="Predictions"
        lead="Every run of a model, in the browser or with the API, newest first."
        actions={
          <>
            <Link href="/batches" className="link inline-flex min-h-8.5 items-center">
              Batches
            </Link>
            {page.rows.length > 0 && (
              <a
                href={`/predictions/export${given.size > 0 ? `?${given}` : ""}`}
                className="link inline-flex min-h-8.5 items-center"
                download
              >
                Export as JSON lines
              </a>
            )}
          </>
        }
        className="mb-6"
      />
      <form
        action="/predictions"
        className="mb-6 grid grid-cols-[repeat(2,minmax(0,1fr))] items-start gap-3 lg:grid-cols-4"
      >
        {accounts.length > 1 && (
          <Field label="Account">
            {(control) => (
              <Select {...control} name="account" defaultValue={account.username}>
                {accounts.map(({ username }) => (
                  <option key={username}>{username}</option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <Text name="model" label="Model" placeholder="owner/name" texts={texts} complaints={complaints} />
        <Text name="version" label="Version" placeholder="64 digits" texts={texts} complaints={complaints} />
        <Field label="Status" error={complaints.status}>
          {(control) => (
            <Select {...control} name="status" defaultValue={texts.status ?? ""}>
              <option value="">Any</option>
              {statuses.map((status) => (
                <option key={status}>{status}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Source" error={complaints.source}>
          {(control) => (
            <Select {...control} name="source" defaultValue={texts.source ?? ""}>
              <option value="">Any</option>
              <option value="web">browser</option>
              <option value="api">API</option>
            </Select>
          )}
        </Field>
        {tokens.length > 0 && (
          <Field label="API token" error={complaints.token}>
            {(control) => (
              <Select {...control} name="token" defaultValue={texts.token ?? ""}>
                <option value="">Any</option>
                {tokens.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
        )}
        <Text name="after" label="From" placeholder="2026-01-31" texts={texts} complaints={complaints} />
        <Text name="before" label="Until" placeholder="2026-02-28" texts={texts} complaints={complaints} />
        <Text name="cost" label="Cost at least" placeholder="$0.05" texts={texts} complaints={complaints} />
        <Text name="text" label="Input contains" texts={texts} complaints={complaints} />
        <div className="flex flex-wrap items-end gap-3 self-end">
          <Button type="submit">Filter</Button>
          {filtered && (
            <ButtonLink variant="quiet" href="/predictions">
              Show all
            </ButtonLink>
          )}
        </div>
      </form>
      <Changed query={query} />
      {(filter.text !== undefined || filter.min_cost !== undefined) && (
        <p className="mb-4 text-sm text-muted">
          {filter.text !== undefined
            ? "Inputs are searched in the newest 5,000 predictions, up to 16 MB of input."
            : "Costs are searched in the newest 5,000 predictions, up to 64 MB of data."}
        </p>
      )}
      {page.rows.length === 0 ? (
        <EmptyState
          title={filtered ? "No matching predictions" : "No predictions yet"}
          icon={<ClockIcon size={28} />}
          action={
            filtered ? (
              <ButtonLink href="/predictions">Show all</ButtonLink>
            ) : (
              <ButtonLink href="/explore">Find a model to run</ButtonLink>
            )
          }
        >
          {filtered ? "Change or remove a filter." : "What you run in the browser or with the API is listed here."}
        </EmptyState>
      ) : (
        <ActionForm action={changePredictionsAction} className="grid grid-cols-[minmax(0,1fr)] gap-4">
          <input type="hidden" name="back" value={here} />
          <PredictionTable
            label={`Predictions of ${account.username}`}
            predictions={page.rows}
            choosable={changes}
            chooser={<ChooseAll />}
          />
          <div className="flex flex-wrap items-center gap-3">
            {changes && (
              <>
                <SubmitButton name="change" value="compare">
                  Compare two
                </SubmitButton>
                <SubmitButton name="change" value="cancel">
                  Cancel selected
                </SubmitButton>
                <SubmitButton name="change" value="delete">
                  Delete data of selected
                </SubmitButton>
              </>
            )}
            <p className="text-sm text-muted">{`Cost of the ${page.rows.length} listed: $${dollars(cost)}`}</p>
          </div>
        </ActionForm>
      )}
      <Pager previous={link(page.previous)} next={link(page.next)} />
    </>
  )
}

type TextProps = {
  name: "model" | "version" | "after" | "before" | "cost" | "text"
  label: string
  placeholder?: string
} & Pick<ReturnType<typeof historyFilter>, "texts" | "complaints">

const Text = ({ name, label, placeholder, texts, complaints }: TextProps) => (
  <Field label={label} error={complaints[name]}>
    {(control) => (
      <TextInput
        {...control}
        name={name}
        defaultValue={texts[name] ?? ""}
        placeholder={placeholder}
        mono={name !== "text"}
        autoComplete="off"
        spellCheck={false}
      />
    )}
  </Field>
)

function Changed({ query }: { query: Record<string, string | string[] | undefined> }) {
  const said = (["canceled", "deleted"] as const).flatMap((change) => {
    const count = Number(param(query[change]))
    if (param(query[change]) === undefined || !Number.isSafeInteger(count)) return []
    const what = change === "canceled" ? "canceled, or had ended" : "deleted"
    return [`${count} ${count === 1 ? "prediction" : "predictions"} ${what}.`]
  })
  return (
    said.length > 0 && (
      <p role="status" className="mb-4 text-sm text-muted">
        {said[0]}
      </p>
    )
  )
}
