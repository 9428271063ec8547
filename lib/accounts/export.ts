import { requirePerson } from "@/lib/access/require"
import type { Actor } from "@/lib/auth/actor"
import { listEvents } from "@/lib/events/list"
import { presentEvent } from "@/lib/events/present"
import { listOwnModels } from "@/lib/models/model"
import { presentModelSummary } from "@/lib/models/present"
import { listOrganizations } from "@/lib/organizations/organization"
import { getAccount } from "@/lib/owners/owner"
import { presentAccount } from "@/lib/owners/present"
import { listSessions } from "@/lib/sessions/session"
import { presentToken } from "@/lib/tokens/present"
import { listTokens } from "@/lib/tokens/token"
import { getTwoFactorStatus } from "@/lib/two-factor/two-factor"

/** Everything that is kept about the actor, as one JSON document. Secrets are not in it: only their hashes are kept. */
export async function exportAccount(actor: Actor, origin: string) {
  requirePerson(actor)
  const account = await getAccount(actor.username)
  const [models, tokens, sessions, organizations, events] = [
    await everything((cursor) => listOwnModels(actor, cursor, 500)),
    await listTokens(actor),
    await listSessions(actor, null),
    await listOrganizations(actor),
    await everything((cursor) => listEvents(actor, account, {}, cursor, 500)),
  ]
  return {
    account: {
      ...presentAccount(account),
      description: account.description,
      email: account.email,
      created_at: account.created_at,
    },
    two_step_sign_in: await getTwoFactorStatus(actor.owner_id),
    models: models.map((model) => ({ ...presentModelSummary(model, origin), hardware: model.hardware })),
    tokens: tokens.map(presentToken),
    sessions: sessions.map(({ handle: _handle, current: _current, ...session }) => session),
    organizations: organizations.map(({ organization, role }) => ({ username: organization.username, role })),
    events: events.map(presentEvent),
  }
}

async function everything<T>(page: (cursor?: string) => Promise<{ rows: T[]; next: string | null }>): Promise<T[]> {
  const all: T[] = []
  let cursor: string | undefined
  do {
    const { rows, next } = await page(cursor)
    all.push(...rows)
    cursor = next ?? undefined
  } while (cursor)
  return all
}
