import type { FastifyRequest } from "fastify"

import { notSignedIn, type Actor } from "@/lib/auth/actor"
import { problem } from "@/lib/problem"
import { mayPush, pullableModel, type Caller } from "@/lib/registry/access"
import { publishPushEvent } from "@/lib/pushes/push"
import { modelNamed } from "@/lib/registry/path"
import { verifyPullCredential, pullUsername, pullSeconds, readerOf } from "@/lib/registry/pull-credential"
import {
  allows,
  verifyRegistryToken,
  readScopes,
  signRegistryToken,
  registryTokenSeconds,
  type Grant,
  type RegistryToken,
} from "@/lib/registry/registry-token"
import { authenticateToken, authenticateTokenId } from "@/lib/tokens/token"

const wrong = () => problem("unauthenticated", notSignedIn)

/**
 * The actor of a request, by its Basic or Bearer credentials; null without any. Throws `unauthenticated` for wrong
 * ones.
 */
export async function authenticate({
  headers,
}: FastifyRequest): Promise<{ actor: Actor | null; registryToken?: RegistryToken }> {
  const [, scheme, credentials = ""] = /^(\w+) +(\S+)$/.exec(headers.authorization?.trim() ?? "") ?? []
  if (headers.authorization === undefined) return { actor: null }
  const address = headers["x-understudy-address"]?.toString() ?? null
  if (scheme?.toLowerCase() === "basic") return authenticateBasic(credentials, address)
  const registryToken = scheme?.toLowerCase() === "bearer" ? verifyRegistryToken(credentials) : undefined
  if (!registryToken) throw wrong()
  if (registryToken.token_id === null) return { actor: readerOf(registryToken, address), registryToken }
  const actor = await authenticateTokenId(registryToken.token_id, "registry", address)
  if (!actor) throw wrong()
  return { actor, registryToken }
}

async function authenticateBasic(
  credentials: string,
  address: string | null,
): Promise<{ actor: Actor | null; registryToken?: RegistryToken }> {
  const [, username, token] = /^([^:]*):(.*)$/s.exec(Buffer.from(credentials, "base64").toString("utf8")) ?? []
  if (username === pullUsername) {
    const registryToken = verifyPullCredential(token!)
    if (!registryToken) throw wrong()
    return { actor: readerOf(registryToken, address), registryToken }
  }
  const actor = token === undefined ? undefined : await authenticateToken(token.trim(), "registry", address)
  if (!actor || actor.username !== username?.toLowerCase()) throw wrong()
  // Completes the sign-in step on the model's page.
  if (actor.model_id !== undefined) publishPushEvent(actor.model_id, { type: "signed-in" })
  return { actor }
}

/** The response of the token endpoint: a registry token for the requested actions that the account has the right to. */
export async function issueRegistryToken(caller: Caller, scopes: string[], shown?: RegistryToken) {
  const grants: Grant[] = []
  for (const { name, actions } of readScopes(scopes)) {
    const model = modelNamed(name)!
    const [pull, push] = [await mayPull(caller, model), await mayPush(caller.actor, model.owner, model.name)]
    const may = (action: Grant["actions"][number]) => (action === "pull" ? pull : push)
    // A runner's credential grants nothing beyond its own pulls.
    grants.push({ name, actions: actions.filter((action) => may(action) && (!shown || allows(shown, name, action))) })
  }
  const seconds = shown ? pullSeconds : registryTokenSeconds
  const token = signRegistryToken(
    { token_id: caller.actor?.token_id ?? null, grants, ...(shown?.reads_as && { reads_as: shown.reads_as }) },
    seconds,
  )
  return { token, access_token: token, expires_in: seconds, issued_at: new Date().toISOString() }
}

const mayPull = (caller: Caller, { owner, name }: { owner: string; name: string }) =>
  pullableModel(caller, owner, name).then(
    () => true,
    () => false,
  )
