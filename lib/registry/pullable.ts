import type { Actor } from "@/lib/auth/actor"
import { getModel } from "@/lib/models/model"
import { Problem } from "@/lib/problem"
import { getVersion } from "@/lib/versions/version"
import type { PullableImage } from "./snippets"

/** The image of a version, for `docker run`; null for versions without one and those that the actor does not see. */
export async function findPullable(
  actor: Actor | null,
  owner: string,
  name: string,
  id: string,
  origin: string,
): Promise<PullableImage | null> {
  try {
    const [model, version] = [await getModel(actor, owner, name), await getVersion(actor, owner, name, id)]
    if (version.size === null) return null
    const host = new URL(origin).host
    return {
      reference: `${host}/${model.owner}/${model.name}@sha256:${id}`,
      gpu: (version.cog_config as { build?: { gpu?: unknown } } | null)?.build?.gpu === true,
      login: model.visibility === "private" ? { host, account: model.owner } : null,
    }
  } catch (error) {
    if (error instanceof Problem && error.kind === "missing") return null
    throw error
  }
}
