import { problem } from "@/lib/problem"

/** The account that owns the bundled models. */
export const bundledOwner = "understudy"

/**
 * Whether a version is a bundle of an earlier release. Only the current program of a bundled model can run; versions
 * trained on an earlier one run on it.
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

/** The error for running such a version. */
export const olderBundleText = ({
  owner,
  name,
  latest_version_id,
}: {
  owner: string
  name: string
  latest_version_id: string | null
}) =>
  `This version of ${owner}/${name} belongs to an earlier release of this server and can no longer run. Run ${owner}/${name}${latest_version_id ? `, or ${owner}/${name}:${latest_version_id}` : ""} instead.`

export const olderBundle = (model: Parameters<typeof olderBundleText>[0]) =>
  problem("unprocessable", olderBundleText(model))
