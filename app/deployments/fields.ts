/** The fields of the forms of a deployment, in order. */
export const createFields = [
  "owner",
  "name",
  "model",
  "version",
  "follows",
  "hardware",
  "min_instances",
  "max_instances",
  "monthly_cap_usd",
  "idle_seconds",
  "buffer_instances",
  "queue_limit",
  "run_limit_minutes",
  "setup_limit_minutes",
] as const
export type CreateValues = Record<(typeof createFields)[number], string>

export const editFields = [
  "version",
  "hardware",
  "min_instances",
  "max_instances",
  "idle_seconds",
  "buffer_instances",
  "canary_percent",
  "canary_minutes",
] as const
export type EditValues = Record<(typeof editFields)[number], string>

export const limitFields = [
  "follows",
  "queue_limit",
  "run_limit_minutes",
  "setup_limit_minutes",
  "monthly_cap_usd",
] as const
export type LimitValues = Record<(typeof limitFields)[number], string>

export const alertFields = ["alert_webhook", "alert_error_percent", "alert_queue_length"] as const
export type AlertValues = Record<(typeof alertFields)[number], string>

export const scheduleFields = ["days", "from", "to", "time_zone", "min_instances"] as const
/** `days` is a list of numbers of days, separated by commas. */
export type ScheduleValues = Record<(typeof scheduleFields)[number], string>
