import type { Actor } from "@/lib/auth/actor"
import { openRegistryToken, sealRegistryToken, type RegistryToken } from "./registry-token"

/** The username with which the engine of a runner signs in to pull an image. No account can have it. */
export const puller = "-runner"
/** Seconds that such a credential is good for. */
export const pullSeconds = 15 * 60

/** Pulls one image and nothing else, for a quarter of an hour: for the engine that is to run it. */
export const pullCredential = (
  repository: string,
  reads_as: { owner_id: number; username: string },
): { username: string; password: string } => ({
  username: puller,
  password: sealRegistryToken(
    { token_id: null, grants: [{ name: repository, actions: ["pull"] }], reads_as },
    pullSeconds,
  ),
})

/** Undefined for one that is not ours or is over. */
export function openPullCredential(password: string): RegistryToken | undefined {
  const token = openRegistryToken(password)
  return token?.reads_as ? token : undefined
}

/** Whom a runner that pulls speaks for: the owner of the model, to read. */
export const readerOf = ({ reads_as }: RegistryToken, address: string | null): Actor | null =>
  reads_as ? { ...reads_as, is_admin: false, via: "registry", scopes: ["read"], address } : null
