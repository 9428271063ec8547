import { parseArgs } from "node:util"

import { asProblem } from "@/lib/problem"
import type { Command, Commands } from "./commands"

/** A command that was called with wrong arguments. */
class Misuse extends Error {}

/** Runs one command line and returns its exit code. Results go to stdout, everything else to stderr. */
export async function main(args: string[]): Promise<number> {
  try {
    // Loaded here, because invalid settings already throw on import.
    const { commands } = await import("./commands")
    try {
      const { name, command } = find(commands, args)
      return await run(command, args.slice(name.split(" ").length))
    } catch (error) {
      if (!(error instanceof Misuse)) throw error
      console.error(`${error.message && `${error.message}\n\n`}${usage(commands)}`)
      return 2
    }
  } catch (error) {
    console.error(explained(error))
    return 1
  }
}

function find(commands: Commands, args: string[]): { name: string; command: Command } {
  const line = args.join(" ")
  const found = Object.entries(commands).find(([name]) => line === name || line.startsWith(`${name} `))
  if (found) return { name: found[0], command: found[1] }
  const asked = args.length === 0 || ["help", "--help", "-h"].includes(args[0]!)
  throw new Misuse(asked ? "" : `There is no command "${line}".`)
}

async function run(command: Command, args: string[]): Promise<number> {
  const given = parse(command, args)
  const { closeDatabase } = await import("@/db")
  try {
    if (command.migrates !== false) await (await import("@/db/migrate")).migrateDatabase()
    return (await command.run(given)) ?? 0
  } finally {
    await closeDatabase()
  }
}

/** Arguments and options by name. Throws `Misuse` for missing, surplus or unknown ones. */
function parse({ takes = [], options = {} }: Command, args: string[]): Record<string, string | undefined> {
  const known = Object.fromEntries(Object.keys(options).map((name) => [name, { type: "string" as const }]))
  let parsed
  try {
    parsed = parseArgs({ args, options: known, allowPositionals: true })
  } catch (error) {
    // Only the first sentence: the rest is advice for other cases.
    throw new Misuse(`${(error as Error).message.split(". ")[0]}.`)
  }

  const { positionals, values } = parsed
  if (positionals.length > takes.length) throw new Misuse(`"${positionals[takes.length]}" is an unexpected argument.`)
  const missing =
    takes[positionals.length] ??
    Object.keys(options).find((name) => options[name]!.required && values[name] === undefined)
  if (missing) throw new Misuse(`${missing in options ? `--${missing}` : missing} is missing.`)
  return { ...Object.fromEntries(takes.map((name, n) => [name, positionals[n]])), ...values }
}

function usage(commands: Commands): string {
  const rows = Object.entries(commands).map(([name, { takes = [], options = {}, summary }]) => {
    const flags = Object.entries(options).map(([flag, { value, required }]) =>
      required ? `--${flag} ${value}` : `[--${flag} ${value}]`,
    )
    return [[name, ...takes, ...flags].join(" "), summary]
  })
  const width = Math.max(...rows.map(([call]) => call!.length))
  return `Usage: npm run -s cli -- COMMAND\n\n${rows.map(([call, summary]) => `  ${call!.padEnd(width)}  ${summary}`).join("\n")}`
}

/** The message of an expected error; an unexpected one in full, because the operator may see everything. */
function explained(error: unknown): string {
  // Recognized by name, because nothing of ours may be imported before the configuration is known to be valid.
  if (error instanceof Error && error.name === "BackupRefusal") return error.message
  const { kind, detail, fields } = asProblem(error)
  if (kind === "unexpected")
    return error instanceof Error
      ? error.message.startsWith("The configuration")
        ? error.message
        : error.stack!
      : String(error)
  const complaints = Object.entries(fields).filter(([, complaint]) => !detail.includes(complaint))
  const reason = kind === "unavailable" || kind === "full" ? [`(${(error as Error).message})`] : []
  return [detail, ...complaints.map(([field, complaint]) => `- ${field}: ${complaint}`), ...reason].join("\n")
}
