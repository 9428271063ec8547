import { isDigest } from "@/lib/images/digest"

type InModel = { owner: string; name: string }

/** A parsed path below /v2. `misnamed` and `misdigested` say what is wrong with a path of the right shape. */
export type RegistryRoute =
  | { at: "root" }
  | { at: "token" }
  | ({ at: "uploads" | "tags" } & InModel)
  | ({ at: "upload"; id: string } & InModel)
  | ({ at: "blob" | "referrers"; digest: string } & InModel)
  | ({ at: "manifest"; reference: string; isTag: boolean } & InModel)
  | { at: "misnamed"; repository: string }
  | { at: "misdigested"; digest: string }
  | { at: "mistagged"; tag: string }
  | { at: "nowhere" }

/** Parses a path, still encoded. Repository names contain slashes, so the name is what precedes the fixed segments. */
export function parseRegistryPath(path: string): RegistryRoute {
  const segments = decoded(path.split("?", 1)[0]!)
  if (!segments || segments.shift() !== "v2") return { at: "nowhere" }
  if (segments.length === 0) return { at: "root" }
  if (segments.length === 1 && segments[0] === "token") return { at: "token" }

  const last = segments.at(-1)!
  const before = segments.at(-2)
  if (before === "blobs" && last === "uploads") return inModel(segments.slice(0, -2), { at: "uploads" })
  if (before === "uploads" && segments.at(-3) === "blobs")
    return inModel(segments.slice(0, -3), { at: "upload", id: last })
  if (before === "tags" && last === "list") return inModel(segments.slice(0, -2), { at: "tags" })
  if (before === "manifests") {
    if (!last.includes(":"))
      return isTag(last)
        ? inModel(segments.slice(0, -2), { at: "manifest", reference: last, isTag: true })
        : { at: "mistagged", tag: last }
    return isDigest(last)
      ? inModel(segments.slice(0, -2), { at: "manifest", reference: last, isTag: false })
      : { at: "misdigested", digest: last }
  }
  if (before === "blobs" || before === "referrers")
    return isDigest(last)
      ? inModel(segments.slice(0, -2), { at: before === "blobs" ? "blob" : "referrers", digest: last })
      : { at: "misdigested", digest: last }
  return { at: "nowhere" }
}

const isTag = (text: string): boolean => /^\w[\w.-]{0,127}$/.test(text)

/** The model in `owner/name`; undefined for any other text. */
export function modelNamed(repository: string): InModel | undefined {
  const [, owner, name] = /^([a-z0-9-]+)\/([a-z0-9._-]+)$/.exec(repository) ?? []
  return owner === undefined || name === undefined ? undefined : { owner, name }
}

function inModel<P extends object>(
  repository: string[],
  route: P,
): (P & InModel) | { at: "misnamed"; repository: string } | { at: "nowhere" } {
  if (repository.length === 0) return { at: "nowhere" }
  const named = modelNamed(repository.join("/"))
  return named ? { ...route, ...named } : { at: "misnamed", repository: repository.join("/") }
}

/** The segments of a path without its trailing slash; undefined if it cannot be decoded. */
function decoded(path: string): string[] | undefined {
  try {
    return path
      .replace(/^\/|\/$/g, "")
      .split("/")
      .map(decodeURIComponent)
  } catch {
    return undefined
  }
}
