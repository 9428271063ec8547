import { env, readEnv, type Env } from "@/env"
import { writeAs } from "@/lib/access/write-as"
import { requireAdministrator } from "@/lib/auth/actor"
import type { Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import type { Job } from "@/lib/jobs/job"
import type { Guard } from "@/lib/revision"
import { invalid, type Fields } from "@/lib/problem"
import { saveSettings, listSettingRows, type SettingRow } from "./store"

/** The settings that administrators can change at runtime; they override the environment. */
export const settingNames = [
  "SIGNUP",
  "SIGNUPS_PER_HOUR",
  "MODELS_PER_ACCOUNT",
  "STORAGE_PER_ACCOUNT_GB",
  "PREDICTIONS_PER_ACCOUNT",
  "PREDICTIONS_PER_TOKEN",
  "API_DATA_HOURS",
  "WEB_DATA_DAYS",
  "RUN_LIMIT_MINUTES",
  "RUN_EGRESS",
  "PREDICTION_RATE_LIMIT_PER_MINUTE",
  "RATE_LIMIT_PER_MINUTE",
  "ANONYMOUS_RATE_LIMIT_PER_MINUTE",
] as const
export type SettingName = (typeof settingNames)[number]

// Kept in memory, because every API request reads them; one copy per process.
type Slot = { stored: Map<string, string>; values: Partial<Env> }
const slots = globalThis as typeof globalThis & { [slotKey]?: Slot }
const slotKey = Symbol.for("understudy.settings")
const slot = (): Slot => (slots[slotKey] ??= { stored: new Map(), values: {} })

/** The current value of a setting: the administrator's, or else the environment's. */
export function setting<N extends SettingName>(name: N): Env[N] {
  return slot().values[name] ?? env[name]
}

/** Loads the settings at start and every few seconds, because another process may have changed them. */
export async function loadSettings() {
  const stored = new Map((await listSettingRows()).map(({ name, value }) => [name, value]))
  const read = readEnv(Object.fromEntries(stored))
  slots[slotKey] = {
    stored,
    values: Object.fromEntries(settingNames.filter((name) => stored.has(name)).map((name) => [name, read[name]])),
  }
}

export const settingsJob: Job = { name: "settings", every: 5, by: "process", delay: 5, run: loadSettings }

/**
 * Every setting with its value, if set, and its default from the environment. Throws `forbidden` to all but
 * administrators.
 */
export async function listSettings(actor: Actor): Promise<{ name: SettingName; set: string; default_value: string }[]> {
  requireAdministrator(actor)
  await loadSettings()
  return settingNames.map((name) => ({ name, set: slot().stored.get(name) ?? "", default_value: String(env[name]) }))
}

/** The value of each setting, or an empty text. */
export type SetValues = Record<SettingName, string>
const setValuesOf = (rows: Pick<SettingRow, "name" | "value">[]) =>
  Object.fromEntries(
    settingNames.map((name) => [name, rows.find((row) => row.name === name)?.value ?? ""]),
  ) as SetValues

/**
 * Changes settings; a blank resets one to the environment. Throws `invalid` with every error, then what `guard`
 * throws.
 */
export async function changeSettings(
  actor: Actor,
  input: Partial<SetValues>,
  guard?: Guard<SetValues>,
): Promise<SetValues> {
  requireAdministrator(actor)
  const before = await listSettings(actor)
  const complaints: Fields = {}
  const changed: Record<string, string | null> = {}
  for (const { name, set } of before) {
    const text = input[name]?.trim()
    if (text === undefined || text === set) continue
    if (text !== "" && complaintAbout(name, text)) complaints[name] = complaintAbout(name, text)!
    else changed[name] = text === "" ? null : text
  }
  if (Object.keys(complaints).length > 0) throw invalid(complaints)
  if (Object.keys(changed).length === 0)
    return Object.fromEntries(before.map(({ name, set }) => [name, set])) as SetValues

  const details = Object.fromEntries(
    before.flatMap(({ name, set, default_value }) =>
      name in changed
        ? [
            [`${name}_was`, set || default_value],
            [name, changed[name] ?? `${default_value} (default)`],
          ]
        : [],
    ),
  )
  const event = auditEvent({ actor, owner_id: null, action: "installation.changed", details })
  const rows = await writeAs(actor, { administrator: true }, (tx) =>
    saveSettings(tx, changed, event, guard && ((rows) => guard(setValuesOf(rows)))),
  )
  await loadSettings()
  return setValuesOf(rows)
}

const choices: Partial<Record<SettingName, string>> = {
  SIGNUP: "Choose open or closed.",
  RUN_EGRESS: "Choose none, approved or internet.",
}

function complaintAbout(name: SettingName, text: string): string | undefined {
  try {
    readEnv({ [name]: text })
    return undefined
  } catch {
    return choices[name] ?? "Enter a number of 0 or more, or leave it empty."
  }
}
