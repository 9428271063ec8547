import { problem } from "@/lib/problem"

/** The account that the models which come with the product belong to. */
export const bundledOwner = "understudy"

/**
 * Whether a version is a bundle of an earlier release. Of a model that comes with the product there is one program, which makes its latest version; what an
 * earlier one was trained to is run by the current one.
 */
export const isOlderBundle = (version: {
  id: string
  owner: string
  bundled: string | null
  trained: unknown
  latest_version_id: string | null
}): boolean =>
  version.owner === bundledOwner &&
  version.bundled !== null &&
  version.trained === null &&
  version.id !== version.latest_version_id

/** What is said to whoever wants to run one. */
export const olderBundleText = ({
  owner,
  name,
  latest_version_id,
}: {
  owner: string
  name: string
  latest_version_id: string | null
}) =>
  `This version of ${owner}/${name} came with another release of this server and is not here any more. Run ${owner}/${name}${latest_version_id ? `, or ${owner}/${name}:${latest_version_id}` : ""} instead.`

export const olderBundle = (model: Parameters<typeof olderBundleText>[0]) =>
  problem("unprocessable", olderBundleText(model))
