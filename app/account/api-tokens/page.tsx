import type { Metadata } from "next"

import { PageHeader } from "@/components/ui/page-header"
import { requireActor } from "@/lib/next/action"
import { newFormKey, param } from "@/lib/next/page"
import { presentToken } from "@/lib/tokens/present"
import { listTokens } from "@/lib/tokens/token"
import { NewTokenForm } from "./new-token-form"
import { prefill, prefilled } from "./prefill"
import { TokenList, RevokeNotice } from "./token-list"

export const metadata: Metadata = { title: "API tokens", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function ApiTokensPage({ searchParams }: Props) {
  const query = await searchParams
  const name = param(query["new-token-name"])
  const values = prefill({ name, scopes: param(query.scopes), days: param(query["expires-in-days"]) })
  const actor = await requireActor(prefilled(values))
  const tokens = (await listTokens(actor)).map(presentToken)

  return (
    <div className="max-w-4xl">
      <PageHeader
        title="API tokens"
        lead={
          <span>
            A token lets programs act as <span className="font-mono text-sm">{actor.username}</span>: create models,
            read private ones and push. Treat it like a password.
          </span>
        }
        className="mb-8"
      />
      <RevokeNotice query={query} />
      <section aria-labelledby="new">
        <h2 id="new" className="mb-4">
          New token
        </h2>
        <NewTokenForm values={values} formKey={await newFormKey()} focused={name !== undefined} />
      </section>
      <section aria-labelledby="yours" className="mt-12">
        <h2 id="yours" className="mb-4">
          Your tokens
        </h2>
        <TokenList tokens={tokens} label="Your API tokens" />
      </section>
    </div>
  )
}
