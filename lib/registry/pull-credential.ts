import type { Actor } from "@/lib/auth/actor"
import { verifyRegistryToken, signRegistryToken, type RegistryToken } from "./registry-token"

/** The username with which a runner's engine signs in to pull an image. It is not a valid account name. */
export const pullUsername = "-runner"
/** The lifetime of a pull credential, in seconds. */
export const pullSeconds = 15 * 60

/** A credential for a runner's engine to pull one image. */
export const pullCredential = (
  repository: string,
  reads_as: { owner_id: number; username: string },
): { username: string; password: string } => ({
  username: pullUsername,
  password: signRegistryToken(
    { token_id: null, grants: [{ name: repository, actions: ["pull"] }], reads_as },
    pullSeconds,
  ),
})

/** Undefined for an invalid or expired credential. */
export function verifyPullCredential(password: string): RegistryToken | undefined {
  const token = verifyRegistryToken(password)
  return token?.reads_as ? token : undefined
}

/** The actor of a pull credential: the model's owner, read-only. */
export const readerOf = ({ reads_as }: RegistryToken, address: string | null): Actor | null =>
  reads_as ? { ...reads_as, is_admin: false, via: "registry", scopes: ["read"], address } : null
