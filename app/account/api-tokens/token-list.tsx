import { Badge } from "@/components/ui/badge"
import { Button } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { KeyIcon, TrashIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import { param } from "@/lib/next/page"
import type { TokenBody } from "@/lib/tokens/present"
import { revokeTokenAction } from "./actions"

/** The tokens of an account, each with a button to revoke it. */
export function TokenList({
  tokens,
  label,
  organization,
}: {
  tokens: TokenBody[]
  label: string
  organization?: string
}) {
  if (tokens.length === 0)
    return (
      <EmptyState title="No tokens yet" icon={<KeyIcon size={28} />}>
        Create one above and set it as REPLICATE_API_TOKEN where your programs run.
      </EmptyState>
    )
  return (
    <Table label={label}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Token</th>
          <th scope="col">Scopes</th>
          <th scope="col">Expires</th>
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
            <td className="font-mono text-sm whitespace-nowrap">{token.scopes.join(" ")}</td>
            <td className="whitespace-nowrap">
              <Expiry at={token.expires_at} expired={token.expired} />
            </td>
            <td className="whitespace-nowrap">
              <Time iso={token.created_at} />
            </td>
            <td className="whitespace-nowrap">
              {token.last_used_at ? <Time iso={token.last_used_at} /> : <span className="text-muted">Never</span>}
            </td>
            <td className="num sticky right-0 bg-surface max-sm:border-l max-sm:border-line max-sm:px-2!">
              <form action={revokeTokenAction}>
                <input type="hidden" name="id" value={token.id} />
                {organization && <input type="hidden" name="organization" value={organization} />}
                <Button type="submit" size="sm" icon={<TrashIcon size={16} />} aria-label={`Revoke ${token.name}`}>
                  <span className="max-sm:sr-only">Revoke</span>
                </Button>
              </form>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

/** The outcome of revoking a token. */
export const RevokeNotice = ({ query }: { query: Record<string, string | string[] | undefined> }) => (
  <>
    {param(query.revoked) && (
      <Notice kind="success" role="status" className="mb-6">
        Token revoked. Programs that still use it are rejected.
      </Notice>
    )}
    {param(query.gone) && (
      <Notice kind="warn" role="status" className="mb-6">
        That token was already revoked or has expired.
      </Notice>
    )}
  </>
)

/** When a token expires, such as "in 7 days", or that it has. */
function Expiry({ at, expired }: { at: string | null; expired: boolean }) {
  if (at === null) return <span className="text-muted">Never</span>
  if (expired) return <Badge tone="danger">Expired</Badge>
  const days = Math.ceil((Date.parse(at) - Date.now()) / 86_400_000)
  return (
    <time dateTime={at} title={at}>
      {days === 1 ? "in less than a day" : `in ${days.toLocaleString("en-US")} days`}
    </time>
  )
}
