import { backUp, restore } from "@/db/backup"
import { migrateDatabase } from "@/db/migrate"
import type { Scope } from "@/lib/auth/actor"
import { actingAs, addUser, findAccount, listUsers } from "@/lib/owners/owner"
import { problem } from "@/lib/problem"
import { collectGarbage } from "@/lib/registry/gc"
import type { IssueTokenInput } from "@/lib/tokens/schema"
import { issueToken } from "@/lib/tokens/token"
import { addModel, dropCollection, dropModel, openCollection, showCollections } from "./collections"
import { diagnose } from "./doctor"
import { readPassword } from "./password"
import { seed } from "./seed"
import { printTable } from "./table"

export type Command = {
  /** The arguments that stand after the command's name, all of them required. */
  takes?: string[]
  options?: Record<string, { value: string; required?: boolean }>
  says: string
  /** False for a command that wants to see the database as it is. */
  migrates?: false
  /** Answers the exit code, 0 when it answers nothing. */
  run(given: Record<string, string | undefined>): Promise<number | void>
}

export type Commands = Record<string, Command>

export const commands: Commands = {
  "user add": {
    takes: ["NAME"],
    options: { password: { value: "P" } },
    says: "open an account; asks for a password, or reads it from stdin",
    run: ({ NAME, password }) => openAccount(NAME!, password),
  },
  "user list": { says: "list the accounts", run: showAccounts },
  "token issue": {
    takes: ["OWNER"],
    options: { name: { value: "N", required: true }, scopes: { value: "read,write,push" }, "expires-in-days": { value: "D" } },
    says: "make an API token for an account and print it",
    run: ({ OWNER, name, scopes, "expires-in-days": days }) => printToken(OWNER!, { name: name!, scopes: scopes?.split(",") as Scope[], expires_in_days: days }),
  },
  "collection list": { says: "list the collections", run: showCollections },
  "collection create": {
    takes: ["SLUG"],
    options: { name: { value: "N", required: true }, description: { value: "D" } },
    says: "make a collection of models",
    run: ({ SLUG, name, description }) => openCollection(SLUG!, name!, description),
  },
  "collection add": { takes: ["SLUG", "OWNER/NAME"], says: "put a public model into a collection", run: (given) => addModel(given.SLUG!, given["OWNER/NAME"]!) },
  "collection remove": { takes: ["SLUG", "OWNER/NAME"], says: "take a model out of a collection", run: (given) => dropModel(given.SLUG!, given["OWNER/NAME"]!) },
  "collection delete": { takes: ["SLUG"], says: "delete a collection; its models stay", run: ({ SLUG }) => dropCollection(SLUG!) },
  seed: { says: "add sample accounts and models for a first look", run: showSeed },
  backup: { takes: ["FILE"], says: "write the whole database to a new file, verified; the server may run", migrates: false, run: ({ FILE }) => makeBackup(FILE!) },
  restore: { takes: ["FILE"], says: "put a backup in the place of the database; what was there is kept", migrates: false, run: ({ FILE }) => restoreBackup(FILE!) },
  gc: {
    options: { "older-than-hours": { value: "24" } },
    says: "free what pushes left behind and no version needs; the server may run",
    run: ({ "older-than-hours": hours }) => sweep(hours),
  },
  doctor: { says: "check the configuration, the data folder and the database", migrates: false, run: showDiagnosis },
}

async function openAccount(username: string, given: string | undefined) {
  const password = given ?? (await readPassword())
  const owner = await addUser({ username, password })
  console.log(`The account ${owner.username} is open.${owner.is_admin ? " It is the first one, so it is the administrator." : ""}`)
  if (password === undefined)
    console.log(`It has no password, so nobody can sign in to it; it can be used with tokens: npm run -s cli -- token issue ${owner.username} --name N`)
}

async function showAccounts() {
  const users = await listUsers()
  if (users.length === 0) return console.log("There are no accounts yet. The first one becomes the administrator.")
  const rows = users.map((user) => [user.username, user.type, user.is_admin ? "yes" : "no", String(user.model_count), user.created_at.slice(0, 10)])
  printTable(["name", "kind", "admin", "models", "created"], rows)
}

async function printToken(username: string, input: IssueTokenInput) {
  const owner = await findAccount(username)
  if (!owner) throw problem("missing", `There is no account named ${username}.`)
  const { secret } = await issueToken(actingAs(owner, "cli"), input)
  console.log(secret)
}

async function showSeed() {
  const { accounts, models } = await seed(({ username, password, is_admin }) =>
    console.log(`Sign in as ${username} with the password ${password}${is_admin ? " (it is the first account, so it is the administrator)" : ""}`))
  console.log(accounts + models > 0 ? `Added ${accounts} accounts and ${models} models.` : "The samples are all there already. Nothing was changed.")
}

async function sweep(given = "24") {
  const hours = Number(given)
  if (!(hours >= 0)) throw problem("unreadable", "--older-than-hours takes a number of hours.")
  const { contents, bytes, uploads, strays } = await collectGarbage(hours)
  console.log(`Freed ${(bytes / 1e6).toFixed(1)} MB: ${contents} contents nobody holds, ${uploads} uploads that were given up, ${strays} stray files.`)
}

async function makeBackup(to: string) {
  const { file, bytes, accounts, models } = await backUp(to)
  console.log(`${file} holds everything: ${contents({ accounts, models })}${(bytes / 1e6).toFixed(1)} MB, verified.`)
}

async function restoreBackup(from: string) {
  const { before, ...copy } = await restore(from)
  await migrateDatabase()
  console.log(`The database is the one of ${copy.file} again${copy.models === null ? "" : `: ${contents(copy).slice(0, -2)}`}.`)
  if (before) console.log(`What was there before is kept in ${before}.`)
}

const contents = ({ accounts, models }: { accounts: number | null; models: number | null }) => (models === null ? "" : `${accounts} accounts, ${models} models, `)

async function showDiagnosis() {
  let failed = false
  for await (const { level, what, says } of diagnose()) {
    failed ||= level === "FAIL"
    console.log(`${level.padEnd(4)}  ${what.padEnd(11)}  ${says}`)
  }
  return failed ? 1 : 0
}
