import { type Problem, problem } from "@/lib/problem"
import type { Descriptor } from "./manifest"

/** The facts of a version, from the labels of its image. */
export type ImageFacts = {
  cog_version: string | null
  /** The label's text, unparsed. */
  openapi_schema: string
  /** The number of inputs for prediction, or for training if the model can only be trained. */
  inputs: number
  cog_config: Record<string, unknown> | null
  labels: Record<string, string>
  revision: string | null
}

const imageConfigs = new Set([
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
])

/** Whether a manifest or a part of an index is an image, rather than a signature, weights or another artifact. */
export const holdsImage = ({ artifactType, config }: { artifactType?: string | null; config?: Descriptor | null }) =>
  (!artifactType || imageConfigs.has(artifactType)) && (!config || imageConfigs.has(config.mediaType))

/** The maximum length of a displayed label. */
const longestLabel = 2000
const maxLabels = 200
/** Limited because lists contain the schema of every model. Eight times the largest published one, and far deeper. */
const largestSchema = 256 * 1024
const deepest = 64

/** Reads Cog's labels of an image. Throws `invalid`, naming the label and the remedy, without a usable schema. */
export function readImageConfig(config: Record<string, unknown>): ImageFacts {
  const labels = labelsOf(config)
  const label = (name: string) => labels[`run.cog.${name}`] ?? labels[`org.cogmodel.${name}`]
  const openapi_schema = label("openapi_schema")
  if (openapi_schema === undefined)
    throw bad(
      "The image has no label run.cog.openapi_schema. Build it with Cog (`cog build`, then `docker push`, or `cog push`), not with `docker build` alone.",
    )
  if (openapi_schema.length > largestSchema)
    throw bad(
      "The schema in the label run.cog.openapi_schema is larger than 256 kB. Remove long lists and texts from the model's inputs.",
    )
  const schema = objectIn(openapi_schema)
  if (!schema)
    throw bad("The label run.cog.openapi_schema is not a JSON object. Build the image again with a current Cog.")
  if (isDeeper(schema, deepest))
    throw bad(
      `The schema in the label run.cog.openapi_schema is nested more than ${deepest} levels deep. Simplify the model's inputs.`,
    )
  const takes = declared(schema, "Input") ?? declared(schema, "TrainingInput")
  if (!takes)
    throw bad(
      "The schema in the label run.cog.openapi_schema has neither components.schemas.Input nor TrainingInput. Build the image again with a current Cog.",
    )

  return {
    cog_version: (labels["run.cog.version"] ?? labels["org.cogmodel.cog_version"])?.slice(0, 100) ?? null,
    openapi_schema,
    inputs: Object.keys(takes.properties ?? {}).length,
    cog_config: cogConfigIn(label("config") ?? ""),
    labels: Object.fromEntries(
      Object.entries(labels)
        .filter(
          ([name, value]) =>
            name.length + value.length <= longestLabel && !/\.(openapi_schema|config|pip_freeze)$/.test(name),
        )
        .slice(0, maxLabels),
    ),
    revision: labels["org.opencontainers.image.revision"]?.slice(0, 200) || null,
  }
}

function labelsOf({ config }: Record<string, unknown>): Record<string, string> {
  const labels = (config as { Labels?: unknown } | null | undefined)?.Labels
  if (typeof labels !== "object" || labels === null) return {}
  return Object.fromEntries(
    Object.entries(labels).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string" && !entry[1].includes("\0"),
    ),
  )
}

/** The contents of cog.yaml, if it can be stored; a version works without. */
function cogConfigIn(text: string) {
  const config = text.length <= largestSchema ? objectIn(text) : undefined
  return config && !isDeeper(config, deepest) ? config : null
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === "object" &&
  value !== null &&
  (levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1)))

/** The input schema of an operation; undefined if there is none. Models support prediction, training, or both. */
function declared(
  schema: Record<string, unknown>,
  name: "Input" | "TrainingInput",
): { properties?: object } | undefined {
  const { components } = schema as { components?: { schemas?: Record<string, unknown> } }
  const one = components?.schemas?.[name]
  return typeof one === "object" && one !== null ? one : undefined
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

const bad = (detail: string): Problem => problem("invalid", detail, { manifest: detail })
