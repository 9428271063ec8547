import { sealRegistryToken } from "./registry-token"

/** Whom the engine of a runner signs in as to pull an image. No account can have this name. */
export const puller = "-runner"

/** What pulls one image and nothing else, for a quarter of an hour: for the engine that is to run it. */
export const pullCredential = (repository: string): { username: string; password: string } => ({
  username: puller,
  password: sealRegistryToken({ token_id: null, grants: [{ name: repository, actions: ["pull"] }] }, 15 * 60),
})
