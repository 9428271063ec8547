import { newFormKey, param } from "@/lib/next/page"
import { presentToken } from "@/lib/tokens/present"
import { listTokens } from "@/lib/tokens/token"
import { NewTokenForm } from "../../../account/api-tokens/new-token-form"
import { prefill } from "../../../account/api-tokens/prefill"
import { TokenList, RevokeNotice } from "../../../account/api-tokens/token-list"
import { NothingHere } from "../../../nothing-here"
import { OrganizationFrame } from "../organization-frame"
import { loadOrganizationPage, organizationMetadata } from "../organization-page"

export const generateMetadata = organizationMetadata("API tokens", "tokens", "/tokens")

type Props = { params: Promise<{ name: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function OrganizationTokensPage({ params, searchParams }: Props) {
  const query = await searchParams
  const page = await loadOrganizationPage((await params).name, "tokens", "/tokens")
  if (!page) return <NothingHere />
  const { actor, organization, role, can } = page
  const tokens = (await listTokens(actor, organization)).map(presentToken)
  const { username } = organization

  return (
    <>
      <OrganizationFrame
        organization={organization}
        role={role}
        can={can}
        current={`/organizations/${username}/tokens`}
      />
      <div className="grid max-w-4xl grid-cols-[minmax(0,1fr)] gap-12">
        <section aria-labelledby="new">
          <RevokeNotice query={query} />
          <h2 id="new" className="mb-2">
            New token
          </h2>
          <p className="mb-4 text-muted">
            It lets programs act as <span className="font-mono text-sm">{username}</span> itself. It is revoked when you
            leave or lose the right to create tokens, because you could have a copy.
          </p>
          <NewTokenForm
            values={prefill({
              name: param(query["new-token-name"]),
              scopes: param(query.scopes),
              days: param(query["expires-in-days"]),
            })}
            formKey={await newFormKey()}
            focused={param(query["new-token-name"]) !== undefined}
            organization={username}
          />
        </section>
        <section aria-labelledby="tokens">
          <h2 id="tokens" className="mb-4">
            Tokens of {username}
          </h2>
          <TokenList tokens={tokens} label={`API tokens of ${username}`} organization={username} />
        </section>
      </div>
    </>
  )
}
