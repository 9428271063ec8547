import type { Metadata } from "next"

import { EmptyState } from "@/components/ui/empty-state"
import { Button } from "@/components/ui/button"
import { KeyIcon, TrashIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import { requireActor } from "@/lib/doors/action"
import { param } from "@/lib/doors/page"
import { presentToken } from "@/lib/tokens/present"
import { listTokens } from "@/lib/tokens/token"
import { revokeTokenAction } from "./actions"
import { NewTokenForm } from "./new-token-form"

export const metadata: Metadata = { title: "API tokens", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function ApiTokensPage({ searchParams }: Props) {
  const query = await searchParams
  const name = (param(query["new-token-name"]) ?? "").slice(0, 100)
  const actor = await requireActor(`/account/api-tokens${name ? `?new-token-name=${encodeURIComponent(name)}` : ""}`)
  const tokens = (await listTokens(actor)).map(presentToken)

  return (
    <div className="max-w-3xl">
      <PageHeader
        title="API tokens"
        lead={
          <>
            A token lets a program act as <span className="font-mono text-sm">{actor.username}</span>: create models, read private ones, and push. Keep it like a password.
          </>
        }
        className="mb-8"
      />
      {param(query.revoked) && (
        <Notice kind="success" role="status" className="mb-6">
          The token is revoked. Programs that still use it are refused from now on.
        </Notice>
      )}
      {param(query.gone) && (
        <Notice kind="warn" role="status" className="mb-6">
          That token was not in use any more.
        </Notice>
      )}
      <section aria-labelledby="new">
        <h2 id="new" className="mb-4">
          New token
        </h2>
        <NewTokenForm name={name} />
      </section>
      <section aria-labelledby="yours" className="mt-12">
        <h2 id="yours" className="mb-4">
          Your tokens
        </h2>
        {tokens.length === 0 ? (
          <EmptyState title="No tokens yet" icon={<KeyIcon size={28} />}>
            Create one above, and put it into REPLICATE_API_TOKEN where your programs run.
          </EmptyState>
        ) : (
          <Table label="Your API tokens">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Token</th>
                <th scope="col">Created</th>
                <th scope="col">Last used</th>
                <th scope="col">
                  <span className="sr-only">Revoke</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {tokens.map((token) => (
                <tr key={token.id}>
                  <th scope="row" className="min-w-32 wrap-anywhere">
                    {token.name}
                  </th>
                  <td className="font-mono text-sm whitespace-nowrap">{token.masked}</td>
                  <td className="whitespace-nowrap">
                    <Time iso={token.created_at} />
                  </td>
                  <td className="whitespace-nowrap">{token.last_used_at ? <Time iso={token.last_used_at} /> : <span className="text-muted">Never</span>}</td>
                  <td className="num">
                    <form action={revokeTokenAction}>
                      <input type="hidden" name="id" value={token.id} />
                      <Button type="submit" size="sm" icon={<TrashIcon size={16} />} aria-label={`Revoke ${token.name}`}>
                        Revoke
                      </Button>
                    </form>
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        )}
      </section>
    </div>
  )
}
