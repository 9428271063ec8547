import { z } from "zod"

import { blankIsNull } from "@/lib/input"
import { ModelName } from "@/lib/models/schema"
import { WebhookUrl } from "@/lib/webhooks/schema"

/** The limits of the published contract. */
const minInstancesLimit = 5
const maxInstancesLimit = 20

/** The API sends numbers, forms send text. */
const readNumber = (value: unknown) =>
  typeof value === "string" ? (value.trim() === "" ? null : Number(value)) : value

function wholeNumber(what: string, from: number, to: number) {
  const rule = `${what} is a whole number from ${from} to ${to.toLocaleString("en-US")}.`
  return z.int(rule).min(from, rule).max(to, rule)
}
const required = (schema: z.ZodType<number>) => z.preprocess(readNumber, schema)
const optionalNumber = (what: string, from: number, to: number) =>
  z.preprocess(readNumber, wholeNumber(what, from, to).nullish())

const minimum = wholeNumber("The minimum", 0, minInstancesLimit)
const maximum = wholeNumber("The maximum", 0, maxInstancesLimit)
const Model = z
  .string({ error: "Enter a model as owner/name." })
  .regex(/^[^/\s:@]+\/[^/\s:@]+$/, "Enter a model as owner/name.")
const Version = z.string({ error: "Enter a version ID." }).min(1, "Enter a version ID.")
const Hardware = z.string({ error: "Choose hardware." }).min(1, "Choose hardware.")
const Alias = blankIsNull(
  z
    .string()
    .regex(/^\w[\w.-]{0,127}$/, "Name a tag of the model, such as stable.")
    .nullish(),
)

const noTime = "Enter a time of day, such as 08:00."

/** When instances are kept ready: days of the week (0 is Sunday), minutes since midnight in a time zone. */
export const Schedule = z.object({
  days: z.array(z.int().min(0).max(6)).min(1, "Choose a day.").max(7),
  from: z
    .int(noTime)
    .min(0, noTime)
    .max(24 * 60, noTime),
  to: z
    .int(noTime)
    .min(0, noTime)
    .max(24 * 60, noTime),
  time_zone: z.string().refine(isTimeZone, "Enter a time zone such as Europe/Berlin."),
  min_instances: wholeNumber("The number", 1, minInstancesLimit),
})

/** Forms send times as "08:00"; the API sends minutes since midnight. */
const readTime = (value: unknown) => {
  const [, hours, minutes] = (typeof value === "string" && /^(\d{1,2}):([0-5]\d)(?::\d{2})?$/.exec(value.trim())) || []
  return hours === undefined ? value : Number(hours) * 60 + Number(minutes)
}

/** A line of a schedule, from a form or the API. */
export const ScheduleLineInput = z.object({
  days: z.preprocess(
    (days) => (Array.isArray(days) ? days.map(readNumber) : days),
    z.array(z.int().min(0).max(6), "Choose a day.").min(1, "Choose a day.").max(7),
  ),
  from: z.preprocess(readTime, Schedule.shape.from),
  to: z.preprocess(readTime, Schedule.shape.to),
  time_zone: z.string().trim().pipe(Schedule.shape.time_zone),
  min_instances: z.preprocess(readNumber, Schedule.shape.min_instances),
})

/** The maximum number of lines in a schedule. */
export const maxLines = 20
export const tooManyLines = `A schedule has at most ${maxLines} lines.`

/** Limits and alerts; changing them creates no release. */
const limits = {
  queue_limit: optionalNumber("The queue limit", 1, 1_000_000),
  run_limit_minutes: optionalNumber("The time limit", 1, 24 * 60),
  setup_limit_minutes: optionalNumber("The set-up limit", 1, 3 * 60),
  monthly_cap_usd: blankIsNull(
    z
      .union([z.string(), z.number()])
      .transform(String)
      .refine((text) => /^\d{1,9}(\.\d{1,4})?$/.test(text), "Enter an amount in US dollars, such as 50 or 12.50.")
      .nullish(),
  ),
  schedule: z.array(Schedule).max(maxLines, tooManyLines).optional(),
  alert_webhook: blankIsNull(WebhookUrl.nullish()),
  alert_error_percent: optionalNumber("The share", 1, 100),
  alert_queue_length: optionalNumber("The length", 1, 9_999),
}

const tooFew = "The maximum cannot be less than the minimum."

export const CreateDeploymentInput = z
  .object({
    name: ModelName,
    model: Model,
    version: Version,
    hardware: Hardware,
    min_instances: required(minimum),
    max_instances: required(maximum),
    idle_seconds: optionalNumber("The idle time", 0, 24 * 3600),
    buffer_instances: optionalNumber("The number of spare instances", 0, maxInstancesLimit),
    follows: Alias,
    ...limits,
  })
  .refine(({ min_instances, max_instances }) => min_instances <= max_instances, {
    path: ["max_instances"],
    message: tooFew,
  })
export type CreateDeploymentInput = z.input<typeof CreateDeploymentInput>

/** Omitted fields stay. `canary_percent` sends that share of predictions to the new release first. */
export const UpdateDeploymentInput = z.object({
  model: Model.optional(),
  version: Version.optional(),
  hardware: Hardware.optional(),
  min_instances: z.preprocess(readNumber, minimum.optional()),
  max_instances: z.preprocess(readNumber, maximum.optional()),
  idle_seconds: optionalNumber("The idle time", 0, 24 * 3600),
  buffer_instances: optionalNumber("The number of spare instances", 0, maxInstancesLimit),
  follows: Alias,
  canary_percent: optionalNumber("The percentage", 1, 50),
  canary_minutes: optionalNumber("The minutes", 1, 24 * 60),
  ...limits,
})
export type UpdateDeploymentInput = z.input<typeof UpdateDeploymentInput>

export const RollbackInput = z.object({ release: z.coerce.number().int().min(1, "Enter the number of a release.") })

/** The ranges of metrics: their names, numbers of steps, and seconds per step. */
export const ranges = {
  "2h": { label: "2 hours", step: 5 * 60, steps: 24 },
  "24h": { label: "24 hours", step: 30 * 60, steps: 48 },
  "7d": { label: "7 days", step: 4 * 3600, steps: 42 },
  "30d": { label: "30 days", step: 24 * 3600, steps: 30 },
} as const
export type Range = keyof typeof ranges

export const MetricsQuery = z.object({
  range: z.enum(Object.keys(ranges) as [Range, ...Range[]]).default("24h"),
  format: z.enum(["json", "csv"]).default("json"),
})

export const ReleasesQuery = z.object({
  before: z.coerce.number().int().optional().describe("Those with a smaller number"),
})

export const WarmInput = z.object({
  instances: z.coerce.number().int().min(1).max(maxInstancesLimit),
  minutes: z.coerce
    .number()
    .int()
    .min(1)
    .max(24 * 60)
    .default(30),
})

export { tooFew }

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== ""
  } catch {
    return false
  }
}
