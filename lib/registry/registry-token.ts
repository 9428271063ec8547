import { createHmac, timingSafeEqual } from "node:crypto"

import { authSecret } from "@/lib/auth/secret"
import { modelNamed } from "./path"

export type Action = "pull" | "push" | "delete"
export type Grant = { name: string; actions: Action[] }

/** The contents of a registry token: its API token and the requested access. */
export type RegistryToken = {
  token_id: number | null
  grants: Grant[]
  /** The account for which a runner pulls; it has no API token. */
  reads_as?: { owner_id: number; username: string }
}

/** One hour, because an upload may take that long; the underlying API token is checked on every request. */
export const registryTokenSeconds = 3600

/** A signed token: clients need not parse it, but its content is not secret. */
export function signRegistryToken(token: RegistryToken, seconds = registryTokenSeconds): string {
  const text = Buffer.from(JSON.stringify({ ...token, ends: Date.now() + seconds * 1000 })).toString("base64url")
  return `${text}.${signatureOf(text)}`
}

/** Undefined for an invalid or expired token. */
export function verifyRegistryToken(sealed: string): RegistryToken | undefined {
  const [text, signature] = sealed.split(".")
  if (!text || !signature) return undefined
  const [given, expected] = [Buffer.from(signature), Buffer.from(signatureOf(text))]
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
  const { ends, ...token } = JSON.parse(Buffer.from(text, "base64url").toString()) as RegistryToken & { ends: number }
  return ends > Date.now() ? token : undefined
}

const signatureOf = (text: string) =>
  createHmac("sha256", authSecret()).update(`registry token ${text}`).digest("base64url")

/**
 * The models and actions of `scope=repository:owner/name:pull,push`, repeated or separated by spaces. Anything else is
 * ignored.
 */
export function readScopes(scopes: string[]): Grant[] {
  return scopes
    .flatMap((scope) => scope.split(" "))
    .flatMap((scope) => {
      const [, name, actions] = /^repository(?:\([^)]*\))?:(.+):([^:]*)$/.exec(scope) ?? []
      if (name === undefined || actions === undefined || !modelNamed(name)) return []
      const asked = new Set(actions.split(","))
      return [
        {
          name,
          actions: (["pull", "push", "delete"] as const).filter((action) => asked.has(action) || asked.has("*")),
        },
      ]
    })
    .slice(0, 20)
}

export const allows = (token: RegistryToken, name: string, action: Action): boolean =>
  token.grants.some((grant) => grant.name === name && grant.actions.includes(action))
