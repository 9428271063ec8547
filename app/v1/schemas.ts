import { z } from "zod"

import { VersionBody } from "@/lib/models/latest-version"
import { decimal, moment, uri as url } from "@/lib/shapes"

export const ModelRef = z.object({ owner: z.string(), name: z.string() })
export const ListQuery = z.object({
  cursor: z.string().optional().describe("Start of the page, from `next` or `previous`"),
})

/** A response without a body: "null" tells that to the document generator. */
export const Empty = z.null() as unknown as z.ZodUndefined

/** A name for a version, which can be moved to another one. */
export const AliasBody = z
  .object({ name: z.string(), version: z.string().describe("The ID of the version"), moved_at: moment })
  .meta({ id: "Alias" })

/** A prediction, as among the examples of a model. */
export const PredictionBody = z
  .object({
    id: z.string(),
    model: z.string().describe("owner/name"),
    version: z.string(),
    input: z.record(z.string(), z.unknown()),
    output: z.unknown().describe("The model's output; null until there is one"),
    error: z.string().nullable(),
    status: z.enum(["starting", "processing", "succeeded", "failed", "canceled", "aborted"]),
    data_removed: z.boolean(),
    logs: z.string().optional(),
    metrics: z
      .object({
        predict_time: z.number().optional().describe("Seconds the model ran"),
        total_time: z.number().optional().describe("Seconds from its creation to its end"),
        cost_usd: z.number().optional().describe("What its account pays for it, in US dollars"),
      })
      .loose()
      .optional(),
    source: z.enum(["api", "web"]).optional(),
    deployment: z.string().optional(),
    deadline: moment.optional(),
    created_at: moment,
    started_at: moment.optional(),
    completed_at: moment.optional(),
    webhook: url.optional().describe("Where it is told what happens, as it was asked for"),
    webhook_events_filter: z.array(z.enum(["start", "output", "logs", "completed"])).optional(),
    urls: z.object({ get: url, cancel: url, web: url, stream: url.optional() }),
  })
  .meta({ id: "Prediction" })

/** What a request for a prediction holds. The verb reads it itself, to say everything that is wrong in the words clients know. */
export const NewPrediction = z.object({
  version: z.string().describe("The version to run"),
  input: z.record(z.string(), z.unknown()).describe("What the version takes, as its schema says"),
  webhook: url.optional().describe("An http(s) address that is told what happens"),
  webhook_events_filter: z
    .array(z.enum(["start", "output", "logs", "completed"]))
    .optional()
    .describe("What it is told; output and completion without it"),
  lifetime: z.union([z.string(), z.int()]).optional().describe("As the header Cancel-After"),
  stream: z.boolean().optional().describe("Of no effect: whatever can be streamed has `urls.stream`"),
  webhook_completed: url.optional().describe("An address that is told of the end alone, as older clients name it"),
})

export const CreateHeaders = z
  .object({
    prefer: z
      .string()
      .optional()
      .describe("`wait` or `wait=N`: answer once it is over, or after 60 or N seconds, whichever comes first"),
    "cancel-after": z
      .string()
      .optional()
      .describe("Cancel it when it is not over after this time, such as `30s`, `5m` or `1h30m`; at least 5 seconds"),
  })
  .loose()

/** The model object of every list, detail and create response. */
export const ModelBody = z
  .object({
    url: url.describe("The model's page"),
    owner: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    visibility: z.enum(["public", "private"]),
    github_url: url.nullable(),
    paper_url: url.nullable(),
    license_url: url.nullable(),
    weights_url: url.nullable(),
    run_count: z.int(),
    is_official: z.boolean(),
    created_at: moment,
    cover_image_url: url.nullable(),
    default_example: PredictionBody.nullable(),
    latest_version: VersionBody.nullable(),
    hardware: z.string().optional().describe("The SKU; only on models of the token's account"),
  })
  .meta({ id: "Model" })

export const CollectionBody = z
  .object({ name: z.string(), slug: z.string(), description: z.string() })
  .meta({ id: "Collection" })

export const WholeCollectionBody = CollectionBody.extend({
  full_description: z.string().nullable().describe("Markdown"),
  models: z.array(ModelBody),
}).meta({ id: "CollectionWithModels" })

/** The response of a search. */
export const FoundBody = z
  .object({
    query: z.string(),
    models: z.array(
      z.object({
        model: ModelBody,
        metadata: z.object({
          generated_description: z.string().nullable(),
          tags: z.array(z.string()),
          score: z.number().nullable(),
        }),
      }),
    ),
    collections: z.array(CollectionBody.extend({ models: z.array(z.string().describe("owner/name")).nullable() })),
    pages: z.array(z.object({ name: z.string(), href: z.string() })),
  })
  .meta({ id: "Found" })

export const HardwareBody = z
  .object({
    name: z.string(),
    sku: z.string(),
    price_per_second: decimal.describe("US dollars, exact"),
    price_per_hour: decimal.describe("US dollars, exact"),
    gpus: z.int(),
    gpu_ram_gb: z.int().nullable(),
    cpus: z.int().nullable(),
    ram_gb: z.int().nullable(),
  })
  .meta({ id: "Hardware" })

/** A file that was uploaded, to be named in the input of a prediction. */
export const FileBody = z
  .object({
    id: z.string(),
    name: z.string(),
    content_type: z.string(),
    size: z.int(),
    etag: z.string().describe("Its MD5"),
    checksums: z.object({ sha256: z.string(), md5: z.string() }),
    metadata: z.record(z.string(), z.unknown()),
    created_at: moment,
    expires_at: moment.nullable().describe("When it is removed; null where files stay until they are deleted"),
    urls: z.object({
      get: url.describe("What an input names the file by"),
      download: url.describe("Its content, for anybody who has this address, for an hour"),
    }),
  })
  .meta({ id: "File" })

/** An audit event of an account. */
export const EventBody = z
  .object({
    id: z.string(),
    action: z.string().describe("The action, such as `model.created`"),
    actor: z.string().nullable().describe("The account that acted"),
    subject: z.string().nullable().describe("The name of the affected object"),
    details: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .describe("Details of the change, without secrets"),
    via: z.enum(["web", "api", "registry", "cli"]).describe("Source of the request"),
    token: z.string().nullable().describe("The name of the token used"),
    address: z.string().nullable().describe("The network address of the client"),
    created_at: moment,
  })
  .meta({ id: "Event" })

/** A page of a list. Follow `next` and `previous` as they are; cursors are opaque. */
export const pageOfBody = <T extends z.ZodType>(row: T) =>
  z.object({ next: url.nullable(), previous: url.nullable(), results: z.array(row) })

export const ProblemBody = z
  .object({
    title: z.string(),
    detail: z.string().describe("The complete message; clients show it as it is."),
    status: z.int(),
    errors: z
      .array(z.object({ pointer: z.string().describe("JSON Pointer into the request body"), detail: z.string() }))
      .optional(),
    retry_after: z.int().optional().describe("Seconds to wait before retrying"),
    invalid_fields: z
      .array(
        z.object({
          type: z.string().describe("What kind of mistake it is, such as `required` or `number_lte`"),
          field: z.string().describe("A dotted path, such as `input.steps`; empty for the body itself"),
          description: z.string(),
        }),
      )
      .optional()
      .describe("What is wrong with the body or the input of a prediction"),
  })
  .meta({ id: "Problem" })

/** Error responses by status, to spread into a route's responses. */
export const refusals = <S extends number>(...statuses: S[]) =>
  Object.fromEntries(
    statuses.map((status) => [status, { content: { "application/problem+json": { schema: ProblemBody } } }]),
  ) as Record<S, { content: { "application/problem+json": { schema: typeof ProblemBody } } }>
