import { existsSync, readFileSync } from "node:fs"
import path from "node:path"

import { checksumsOf } from "@/db/checksums"
import { backUp, backUpAll, backUpWithList, restore, restoreAll, verifyBackup, type Files } from "@/db/backup"
import { filesNamedBy } from "@/db/files"
import { databaseHandle } from "@/db"
import { migrateDatabase } from "@/db/migrate"
import { publishBundledModels } from "@/lib/bundled/publish"
import type { Scope } from "@/lib/auth/actor"
import { configuredBucket, type Bucket } from "@/lib/bucket/bucket"
import { compareObjects } from "@/lib/bucket/compare"
import { digestsByObject } from "@/lib/images/blobs"
import { resetTwoFactor } from "@/lib/two-factor/two-factor"
import { actorFor, addUser, findAccount, listUsers } from "@/lib/owners/owner"
import { problem } from "@/lib/problem"
import { collectGarbage } from "@/lib/images/gc"
import type { IssueTokenInput } from "@/lib/tokens/schema"
import { issueToken } from "@/lib/tokens/token"
import { addModel, dropCollection, dropModel, openCollection, showCollections } from "./collections"
import { diagnose } from "./doctor"
import { addModelOfCatalogue, showBundledModels } from "./models"
import { readPassword } from "./password"
import { seed } from "./seed"
import { printTable } from "./table"

export type Command = {
  /** The arguments after the command's name, all required. */
  takes?: string[]
  options?: Record<string, { value: string; required?: boolean }>
  summary: string
  /** False for a command that needs the database unmigrated. */
  migrates?: false
  /** Returns the exit code; nothing means 0. */
  run(given: Record<string, string | undefined>): Promise<number | void>
}

export type Commands = Record<string, Command>

export const commands: Commands = {
  "user add": {
    takes: ["NAME"],
    options: { password: { value: "P" } },
    summary: "create an account; asks for a password or reads it from stdin",
    run: ({ NAME, password }) => openAccount(NAME!, password),
  },
  "user list": { summary: "list the accounts", run: showAccounts },
  "two-step off": {
    takes: ["NAME"],
    summary: "turn off two-step sign-in for somebody who lost their app and recovery codes",
    run: ({ NAME }) => disableTwoFactorOf(NAME!),
  },
  "token issue": {
    takes: ["OWNER"],
    options: {
      name: { value: "N", required: true },
      scopes: { value: "read,write,push" },
      "expires-in-days": { value: "D" },
    },
    summary: "create an API token and print it",
    run: ({ OWNER, name, scopes, "expires-in-days": days }) =>
      printToken(OWNER!, { name: name!, scopes: scopes?.split(",") as Scope[], expires_in_days: days }),
  },
  "collection list": { summary: "list the collections", run: showCollections },
  "collection create": {
    takes: ["SLUG"],
    options: { name: { value: "N", required: true }, description: { value: "D" } },
    summary: "create a collection",
    run: ({ SLUG, name, description }) => openCollection(SLUG!, name!, description),
  },
  "collection add": {
    takes: ["SLUG", "OWNER/NAME"],
    summary: "add a public model to a collection",
    run: (given) => addModel(given.SLUG!, given["OWNER/NAME"]!),
  },
  "collection remove": {
    takes: ["SLUG", "OWNER/NAME"],
    summary: "remove a model from a collection",
    run: (given) => dropModel(given.SLUG!, given["OWNER/NAME"]!),
  },
  "collection delete": {
    takes: ["SLUG"],
    summary: "delete a collection; its models stay",
    run: ({ SLUG }) => dropCollection(SLUG!),
  },
  "models list": { summary: "list the models that come with the product", run: async () => showBundledModels() },
  "models add": {
    takes: ["NAME"],
    summary: "fetch a model that comes with the product but is not part of the install, and publish it",
    run: ({ NAME }) => addModelOfCatalogue(NAME!),
  },
  seed: { summary: "add sample accounts and models", run: showSeed },
  "backup --verify": {
    takes: ["FILE"],
    options: { files: { value: "FOLDER" } },
    summary: "read a backup and its files and compare them with their checksums",
    migrates: false,
    run: ({ FILE, files }) => checkBackup(FILE!, files),
  },
  backup: {
    takes: ["FILE"],
    options: { files: { value: "FOLDER" } },
    summary:
      "back up the database to a new file and uploaded files to a folder beside it (or a list of them, if they are in a bucket) and verify the copy; the server may run",
    migrates: false,
    run: ({ FILE, files }) => makeBackup(FILE!, files),
  },
  restore: {
    takes: ["FILE"],
    options: { files: { value: "FOLDER" } },
    summary: "restore a backup and its files; the current database is kept",
    migrates: false,
    run: ({ FILE, files }) => restoreBackup(FILE!, files),
  },
  gc: {
    options: { "older-than-hours": { value: "24" } },
    summary: "delete registry content that nothing uses; the server may run",
    run: ({ "older-than-hours": hours }) => sweep(hours),
  },
  doctor: { summary: "check the configuration, the data folder and the database", migrates: false, run: showDiagnosis },
}

async function openAccount(username: string, given: string | undefined) {
  const password = given ?? (await readPassword())
  const owner = await addUser({ username, password })
  console.log(
    `Created the account ${owner.username}.${owner.is_admin ? " As the first account, it is the administrator." : ""}`,
  )
  if (password === undefined)
    console.log(
      `Without a password, nobody can sign in to it. Use it with tokens: npm run -s cli -- token issue ${owner.username} --name N`,
    )
}

async function showAccounts() {
  const users = await listUsers()
  if (users.length === 0) return console.log("There are no accounts yet. The first one becomes the administrator.")
  const rows = users.map((user) => [
    user.username,
    user.type,
    user.is_admin ? "yes" : "no",
    String(user.model_count),
    user.created_at.slice(0, 10),
  ])
  printTable(["name", "kind", "admin", "models", "created"], rows)
}

async function disableTwoFactorOf(username: string) {
  const owner = await theAccount(username)
  await resetTwoFactor(actorFor(owner, "cli"), owner)
  console.log(`${username} now signs in with the password only.`)
}

async function theAccount(username: string) {
  const owner = await findAccount(username)
  if (!owner) throw problem("missing", `There is no account named ${username}.`)
  return owner
}

async function printToken(username: string, input: IssueTokenInput) {
  const owner = await theAccount(username)
  const { secret } = await issueToken(actorFor(owner, "cli"), input)
  console.log(secret)
}

async function showSeed() {
  const { accounts, models } = await seed(({ username, password, is_admin }) =>
    console.log(
      `Sign in as ${username} with the password ${password}${is_admin ? " (the first account, so it is the administrator)" : ""}`,
    ),
  )
  console.log(
    accounts + models > 0
      ? `Added ${accounts} accounts and ${models} models.`
      : "All samples exist already. Nothing was changed.",
  )
}

/** A hundred years. */
const maxHours = 876_000

async function sweep(given = "24") {
  const hours = given.trim() === "" ? NaN : Number(given)
  if (!(hours >= 0 && hours <= maxHours)) throw problem("unreadable", "--older-than-hours requires a number of hours.")
  const { manifests, contents, bytes, uploads, strays } = await collectGarbage(hours)
  console.log(
    `Freed ${(bytes / 1e6).toFixed(1)} MB: ${manifests} unused manifests, ${contents} unused blobs, ${uploads} abandoned uploads, ${strays} orphaned files.`,
  )
}

/** The folder of a backup's files, by default next to the backup. */
const filesOf = (backup: string, given: string | undefined) =>
  path.resolve(given ?? path.join(path.dirname(backup), "files"))

async function makeBackup(to: string, folder: string | undefined) {
  const bucket = configuredBucket()
  if (bucket && folder !== "none") return makeBackupOfBucket(bucket, to, folder)
  const all = folder === "none" ? { ...(await backUp(to)), files: null } : await backUpAll(to, filesOf(to, folder))
  const { file, bytes, accounts, models, files } = all
  console.log(
    `${file} contains the database: ${contents({ accounts, models })}${(bytes / 1e6).toFixed(1)} MB, verified.`,
  )
  if (!files) return console.log("Files are not included.")
  console.log(
    `${files.folder} contains its files: ${files.files} copied, ${(files.bytes / 1e6).toFixed(1)} MB, all verified.`,
  )
  return complain(files)
}

async function checkBackup(file: string, folder: string | undefined) {
  const checked = await verifyBackup(file, folder === "none" ? undefined : folder)
  const bucket = folder === "none" ? null : configuredBucket()
  const list = `${path.resolve(file)}.files`
  if (bucket && existsSync(list)) {
    const names = readFileSync(list, "utf8").split("\n").filter(Boolean)
    const objects = await compareObjects(bucket, names, await digestsByObject())
    if (objects.unchecked > 0)
      console.error(`${objects.unchecked} files were deleted here since, and could not be compared.`)
    checked.files += objects.files
    checked.bytes += objects.bytes
    checked.damaged.push(...objects.damaged)
    checked.missing.push(...objects.missing)
  }
  const { files, bytes, damaged, missing } = checked
  for (const one of damaged) console.error(`${one} is damaged: it does not match its checksum.`)
  for (const one of missing) console.error(`${one} is missing.`)
  if (damaged.length + missing.length > 0) return 1
  console.log(
    `${file} is intact: ${files} ${files === 1 ? "file" : "files"}, ${(bytes / 1e6).toFixed(1)} MB, match their checksums.`,
  )
  return 0
}

/** Files stay in the bucket, which is backed up separately; the backup lists those that belong to it. */
async function makeBackupOfBucket(bucket: Bucket, to: string, folder: string | undefined) {
  refuseFolder(folder)
  const { file, bytes, accounts, models, list, names } = await backUpWithList(to)
  console.log(
    `${file} contains the database: ${contents({ accounts, models })}${(bytes / 1e6).toFixed(1)} MB, verified.`,
  )
  console.log(`${list} lists its ${names.length} files. They stay in the bucket and are not copied.`)
  return complain({ damaged: [], missing: await missingFrom(bucket, names) })
}

function refuseFolder(folder: string | undefined) {
  if (folder !== undefined)
    throw problem(
      "unreadable",
      "Files are stored in the bucket and are not copied: omit --files and back up the bucket separately.",
    )
}

async function missingFrom(bucket: Bucket, names: string[]): Promise<string[]> {
  const there = new Set<string>()
  for (const prefix of ["registry/blobs/", "uploads/", "files/"])
    for await (const { key } of bucket.list(prefix)) there.add(key)
  return names.filter((name) => !there.has(name))
}

/** Whether there are problems; they are printed on stderr. */
function complain({ damaged, missing }: Pick<Files, "damaged" | "missing">): number {
  for (const file of damaged)
    console.error(`${file} is damaged: its content does not match its digest. It was not copied.`)
  for (const file of missing) console.error(`${file} is missing; the covers or versions that use it are broken.`)
  return damaged.length + missing.length > 0 ? 1 : 0
}

async function restoreBackup(from: string, folder: string | undefined) {
  if (existsSync(from) && !existsSync(checksumsOf(path.resolve(from))))
    console.error(`${checksumsOf(from)} is missing: damage inside a page of the database would not be noticed.`)
  const bucket = folder === "none" ? null : configuredBucket()
  if (bucket) refuseFolder(folder)
  const { before, files, ...copy } =
    bucket || folder === "none"
      ? { ...(await restore(from)), files: null }
      : await restoreAll(from, filesOf(from, folder))
  await migrateDatabase()
  // As at a start: the backup has those of its release, or none.
  await publishBundledModels()
  console.log(
    `Restored the database from ${copy.file}${copy.models === null ? "" : `: ${contents(copy).slice(0, -2)}`}.`,
  )
  if (files) console.log(`${files.files} files restored, ${(files.bytes / 1e6).toFixed(1)} MB.`)
  if (before) console.log(`The previous database is kept in ${before}.`)
  if (bucket)
    return complain({ damaged: [], missing: await missingFrom(bucket, await filesNamedBy(databaseHandle().sqlite)) })
  return files ? complain(files) : undefined
}

const contents = ({ accounts, models }: { accounts: number | null; models: number | null }) =>
  models === null ? "" : `${accounts} accounts, ${models} models, `

async function showDiagnosis() {
  let failed = false
  for await (const { level, what, message } of diagnose()) {
    failed ||= level === "FAIL"
    console.log(`${level.padEnd(4)}  ${what.padEnd(11)}  ${message}`)
  }
  return failed ? 1 : 0
}
