import { z } from "zod"

/** An empty variable counts as unset: people leave `NAME=` in their .env. */
const optional = <T extends z.ZodType>(schema: T) => z.preprocess((value) => (value === "" ? undefined : value), schema)

const origin = z
  .url({ protocol: /^https?$/, error: "must be an http(s) URL such as https://models.example.com" })
  .transform((value) => new URL(value).href.replace(/\/+$/, ""))
  .refine(
    (value) => value === new URL(value).origin,
    "must be an origin without a path, such as https://models.example.com",
  )

/** A number, with an error that states its range. */
function number(least: number, most = Infinity) {
  const range = most === Infinity ? `of ${least} or more` : `from ${least} to ${most}`
  return z.coerce
    .number({ error: `must be a number ${range}` })
    .min(least, `must be a number ${range}`)
    .max(most, `must be a number ${range}`)
}
function whole(least: number, most = Number.MAX_SAFE_INTEGER) {
  const error =
    most === Number.MAX_SAFE_INTEGER
      ? `must be a whole number of ${least} or more`
      : `must be a whole number from ${least} to ${most}`
  return z.coerce.number({ error }).int(error).min(least, error).max(most, error)
}
const oneOf = <const T extends string[]>(...choices: T) =>
  z.enum(choices, { error: `must be ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}` })

const Env = z.object({
  HOST: optional(z.string().default("0.0.0.0")),
  PORT: optional(whole(0, 65535).default(3000)),
  DATA_DIR: optional(z.string().default("./data")),
  DATABASE_URL: optional(
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, "must start with postgres://")
      .optional(),
  ),
  DATABASE_CONNECTIONS: optional(whole(2, 500).default(10)),
  S3_BUCKET: optional(z.string().optional()),
  S3_ENDPOINT: optional(
    z.url({ protocol: /^https?$/, error: "must be an http(s) URL such as https://s3.example.com" }).optional(),
  ),
  S3_REGION: optional(z.string().default("us-east-1")),
  S3_ACCESS_KEY_ID: optional(z.string().optional()),
  S3_SECRET_ACCESS_KEY: optional(z.string().optional()),
  S3_FORCE_PATH_STYLE: optional(oneOf("0", "1").optional()),
  PUBLIC_URL: optional(origin.optional()),
  TRUST_PROXY: optional(oneOf("0", "1").default("0")),
  AUTH_SECRET: optional(z.string().min(32, "must have at least 32 characters").optional()),
  SESSION_IDLE_DAYS: optional(number(1, 30).default(14)),
  SIGNUP: optional(oneOf("open", "closed").default("open")),
  SIGNUPS_PER_HOUR: optional(whole(1).default(30)),
  GITHUB_ID: optional(z.string().optional()),
  GITHUB_SECRET: optional(z.string().optional()),
  MODELS_PER_ACCOUNT: optional(whole(0).default(1000)),
  LAYER_LIMIT_GB: optional(number(0).default(100)),
  STORAGE_PER_ACCOUNT_GB: optional(number(0).default(0)),
  FILES_URL: optional(origin.optional()),
  FILE_LIMIT_MB: optional(whole(1).default(100)),
  UPLOAD_LIMIT_GB: optional(number(0).default(10)),
  FILE_EXPIRY_HOURS: optional(number(0).default(24)),
  OUTPUT_LIMIT_GB: optional(number(0).default(10)),
  FETCH_LIMIT_GB: optional(number(0).default(5)),
  FETCH_PRIVATE: optional(oneOf("0", "1").default("0")),
  WEBHOOK_LOGS: optional(oneOf("full", "tail", "none").default("tail")),
  WEBHOOKS_TO_PRIVATE: optional(oneOf("0", "1").default("0")),
  PREDICTIONS_PER_ACCOUNT: optional(whole(0).default(20_000)),
  PREDICTIONS_PER_TOKEN: optional(whole(0).default(0)),
  API_DATA_HOURS: optional(number(0).default(1)),
  WEB_DATA_DAYS: optional(number(0).default(90)),
  RUN_LIMIT_MINUTES: optional(number(1).default(30)),
  TRAINING_LIMIT_HOURS: optional(number(1).default(24)),
  SETUP_LIMIT_MINUTES: optional(number(0.1).default(20)),
  INSTANCE_DAYS: optional(number(1).default(30)),
  INSTANCES_PER_VERSION: optional(whole(1, 1000).default(10)),
  WAIT_LIMIT_SECONDS: optional(whole(60).default(600)),
  DEADLINE_ABORTS: optional(oneOf("0", "1").default("0")),
  PREDICTION_RATE_LIMIT_PER_MINUTE: optional(whole(0).default(600)),
  PREDICTION_READ_RATE_LIMIT_PER_MINUTE: optional(whole(0).default(60_000)),
  RATE_LIMIT_PER_MINUTE: optional(whole(0).default(3000)),
  ANONYMOUS_RATE_LIMIT_PER_MINUTE: optional(whole(0).default(600)),
  RUN_ENGINE: optional(oneOf("auto", "process", "docker", "off").default("auto")),
  RUN_MEMORY: optional(number(0.25).optional()),
  RUN_CPUS: optional(number(0.25).optional()),
  RUN_EGRESS: optional(oneOf("none", "approved", "internet").default("approved")),
  RUN_REGISTRY: optional(
    z
      .string()
      .regex(/^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i, "must be a host with or without a port, such as 127.0.0.1:3000")
      .optional(),
  ),
  RUN_IMAGES_GB: optional(number(0).default(100)),
  RUN_IMAGES_DAYS: optional(number(0).default(30)),
  RUN_BUNDLED: optional(oneOf("on", "off").default("on")),
  METRICS_TOKEN: optional(z.string().min(16, "must have at least 16 characters").optional()),
  LOG_LEVEL: optional(oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent").default("warn")),
})

export type Env = z.output<typeof Env>

/** Checks across variables. */
function* contradictions({ S3_BUCKET, S3_ENDPOINT, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY }: Env): Generator<string> {
  if (S3_ENDPOINT && !S3_BUCKET) yield "S3_ENDPOINT requires S3_BUCKET"
  if (!S3_ACCESS_KEY_ID !== !S3_SECRET_ACCESS_KEY)
    yield "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be set together"
}

/** Parses environment variables. Throws an error with one sentence per invalid variable. */
export function readEnv(source: Record<string, string | undefined>): Env {
  const result = Env.safeParse(source)
  const complaints = result.success
    ? [...contradictions(result.data)]
    : result.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`)
  if (result.success && complaints.length === 0) return result.data
  throw new Error(`The configuration is invalid: ${complaints.join("; ")}.`)
}

/** The names of all variables; a test compares `.env.example` and the README's table with them. */
export const variableNames = Object.keys(Env.shape)

export const env = readEnv(process.env)
