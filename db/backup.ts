import "server-only"

import { spawn } from "node:child_process"
import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import Database from "better-sqlite3"

import { env } from "@/env"
import { moveIntoPlace, partialOf } from "./atomic-file"
import { makeFolderSync } from "./data-folder"
import { closeDatabase, databaseHandle, sqlitePath } from "."
import { checksumsOf, compareChecksums, writeChecksums, type Checked } from "./checksums"
import { copyFiles, damagedIn, filesNamedBy, missingFrom, ownFiles, type Copied } from "./files"
import { isMigration, newestMigration } from "./journal"
import { dialect } from "./kit"

/** A verified copy of the database: its size, and the number of accounts and models. */
export type Copy = { file: string; bytes: number; accounts: number | null; models: number | null }

/** The files of a backup: those just copied, and those that are missing. */
export type Files = Copied & { folder: string; missing: string[] }

/** An expected failure, as a sentence for the operator. */
export class BackupRefusal extends Error {
  override name = "BackupRefusal"
}

const maxCopies = 5
/** All pages in one step: a copy in several steps would restart with every write of the server. */
const everything = { progress: () => 0x7fffffff }

/**
 * Writes a consistent snapshot of the database to a new file, while the server runs. The file appears complete and
 * verified, or not at all.
 */
export async function backUp(file: string): Promise<Copy> {
  const target = newFile(file)
  const partial = partialOf(target)
  try {
    const { sqlite } = databaseHandle()
    closeSync(openSync(partial, "wx", 0o600))
    if (sqlite) await copySqlite(sqlite, partial)
    else
      await pgProgram("pg_dump", [
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        `--file=${partial}`,
        env.DATABASE_URL!,
      ])
    const contents = sqlite ? verifySqlite(partial) : await verifyDump(partial)
    await moveIntoPlace(partial, target)
    await writeChecksums(target)
    return { file: target, bytes: statSync(target).size, ...contents }
  } finally {
    for (const end of ["", "-wal", "-shm", "-journal"]) rmSync(partial + end, { force: true })
  }
}

/** The target of a backup, checked before anything is copied. */
function newFile(file: string): string {
  const target = path.resolve(file)
  for (const one of [target, checksumsOf(target)])
    if (existsSync(one))
      throw new BackupRefusal(`${one} exists already. A backup never overwrites anything: choose another name.`)
  if (!existsSync(path.dirname(target))) throw new BackupRefusal(`There is no folder ${path.dirname(target)}.`)
  return target
}

/**
 * `backUp` with all files that the database refers to, in a folder that can serve many backups. They are copied before
 * the database and once more after it, to include new ones.
 */
export async function backUpAll(file: string, folder: string): Promise<Copy & { files: Files }> {
  newFile(file)
  const first = await copyFiles(ownFiles(), folder, await filesNamedBy(databaseHandle().sqlite))
  const copy = await backUp(file)
  const needed = await filesNeededBy(copy.file)
  const rest = await copyFiles(ownFiles(), folder, needed)
  const files = {
    folder,
    files: first.files + rest.files,
    bytes: first.bytes + rest.bytes,
    damaged: rest.damaged,
    missing: missingFrom(needed, folder),
  }
  await writeChecksums(copy.file, needed, folder)
  return { ...copy, files }
}

/** `backUp` for instances with a bucket: writes a list of the objects next to the database, and its checksum. */
export async function backUpWithList(file: string): Promise<Copy & { list: string; names: string[] }> {
  const list = `${path.resolve(file)}.files`
  if (existsSync(list))
    throw new BackupRefusal(`${list} exists already. A backup never overwrites anything: choose another name.`)
  const copy = await backUp(file)
  const names = (await filesNeededBy(copy.file)).sort()
  writeFileSync(list, names.map((name) => `${name}\n`).join(""), { mode: 0o600, flag: "wx", flush: true })
  await writeChecksums(copy.file, [path.basename(list)], path.dirname(list))
  return { ...copy, list, names }
}

/** The files of a backup. A dump cannot be queried, so on PostgreSQL those of the current database. */
async function filesNeededBy(file: string): Promise<string[]> {
  if (databaseHandle().pg) return filesNamedBy()
  const { copy, close } = openCopy(file)
  try {
    return await filesNamedBy(copy)
  } finally {
    close()
  }
}

/**
 * Opens a copy read-only. SQLite creates two files next to a database with a write-ahead log, and a read-only
 * connection does not remove them; `close` does.
 */
function openCopy(file: string) {
  // The files next to the database itself are in use.
  const beside =
    file === sqlitePath()
      ? []
      : ["-wal", "-shm"].map((end) => file + end).filter((one) => !existsSync(/* turbopackIgnore: true */ one))
  const copy = new Database(file, { readonly: true, fileMustExist: true })
  return {
    copy,
    close() {
      copy.close()
      for (const one of beside) rmSync(one, { force: true })
    },
  }
}

/**
 * Restores a backup and its files, files first, so that nothing refers to a missing file; damaged files in place are
 * replaced. On SQLite, throws a `BackupRefusal` if a file is missing from both places or damaged; a PostgreSQL dump
 * cannot be queried, so there such files are only reported.
 */
export async function restoreAll(
  file: string,
  folder: string,
): Promise<Copy & { before: string | null; files: Files }> {
  const source = await verified(file)
  const needed = dialect === "sqlite" ? await filesNeededBy(source) : []
  const missing = missingFrom(needed, folder, ownFiles())
  if (missing.length > 0)
    throw new BackupRefusal(
      `${missing.length} files that the backup names are neither in ${folder} nor in ${ownFiles()}, such as ${missing[0]}. Name their folder with --files, or leave them out with --files none.`,
    )
  // Files that are already in place may be damaged.
  const copied = await copyFiles(folder, ownFiles(), undefined, { compared: true })
  const apart = missingFrom(needed, folder)
  const damaged = [
    ...missingFrom(needed, ownFiles()),
    ...needed.filter((name) => existsSync(path.join(ownFiles(), name)) && copied.damaged.includes(name)),
  ]
  const here = await damagedIn(ownFiles(), apart)
  if (here.length > 0)
    throw new BackupRefusal(
      `${here.length} files that the backup names are damaged in ${ownFiles()} and not in ${folder}, such as ${here[0]}. Nothing of the database was changed. Name their folder with --files, or leave them out with --files none.`,
    )
  if (damaged.length > 0)
    throw new BackupRefusal(
      `${damaged.length} files that the backup names are damaged in ${folder}, such as ${damaged[0]}. Nothing of the database was changed. Name another folder with --files, or leave them out with --files none.`,
    )
  const restored = await restore(source)
  return {
    ...restored,
    files: { folder, ...copied, missing: missingFrom(await filesNamedBy(databaseHandle().sqlite), ownFiles()) },
  }
}

async function verified(file: string): Promise<string> {
  const source = path.resolve(file)
  if (!statSync(source, { throwIfNoEntry: false })?.isFile()) throw new BackupRefusal(`There is no file ${source}.`)
  if (dialect === "sqlite" && source === sqlitePath()) throw new BackupRefusal(`${source} is the database itself.`)
  const checked = await compareChecksums(source, { all: false })
  if (checked && checked.damaged.length > 0)
    throw new BackupRefusal(`${source} is damaged: it does not match its checksum in ${checksumsOf(source)}.`)
  if (dialect === "sqlite") verifySqlite(source)
  else await verifyDump(source)
  return source
}

/** Compares a backup and all its files with their checksums. Throws a `BackupRefusal` if it has no checksums. */
export async function verifyBackup(file: string, folder?: string): Promise<Checked> {
  const source = path.resolve(file)
  if (!statSync(source, { throwIfNoEntry: false })?.isFile()) throw new BackupRefusal(`There is no file ${source}.`)
  const checked = await compareChecksums(source, { all: true, folder: folder && path.resolve(folder) })
  if (!checked) throw new BackupRefusal(`There are no checksums of ${source}: ${checksumsOf(source)} is missing.`)
  if (!checked.damaged.includes(source)) await verified(source)
  return checked
}

/**
 * Replaces the contents of the database with a backup in one transaction, while the server runs. Returns what it
 * contains, and where the previous database is kept.
 */
export async function restore(file: string): Promise<Copy & { before: string | null }> {
  const source = await verified(file)
  const before = await saveCurrentDatabase()
  if (dialect === "sqlite") {
    const { copy, close } = openCopy(source)
    try {
      await copy.backup(sqlitePath(), everything)
    } finally {
      close()
    }
    const contents = verifySqlite(sqlitePath())
    return { file: source, bytes: statSync(source).size, ...contents, before }
  }
  await pgProgram("pg_restore", [
    "--clean",
    "--if-exists",
    "--no-owner",
    "--no-privileges",
    "--single-transaction",
    "--exit-on-error",
    `--dbname=${env.DATABASE_URL!}`,
    source,
  ])
  return { file: source, bytes: statSync(source).size, accounts: null, models: null, before }
}

/**
 * Keeps the current database before a restore. One that is damaged or from another release cannot be copied and
 * verified, so on SQLite its files are moved aside.
 */
async function saveCurrentDatabase(): Promise<string | null> {
  try {
    return await saveCopy("restore")
  } catch (error) {
    const isUnreadable =
      error instanceof BackupRefusal || /^SQLITE_(NOTADB|CORRUPT)/.test((error as { code?: string }).code ?? "")
    if (dialect !== "sqlite" || !isUnreadable) throw error
    await closeDatabase()
    const aside = path.join(copiesFolder(), `${stamp()}-before-restore-as-it-was.db`)
    for (const end of ["", "-wal", "-shm"])
      if (existsSync(sqlitePath() + end)) renameSync(sqlitePath() + end, aside + end)
    return aside
  }
}

function copiesFolder(): string {
  const folder = path.resolve(env.DATA_DIR, "backups")
  makeFolderSync(folder)
  return folder
}

const stamp = () => new Date().toISOString().replaceAll(":", "-")

/** Keeps a copy of the database in DATA_DIR/backups before a large change; the newest few stay. Null if it is empty. */
export async function saveCopy(occasion: string): Promise<string | null> {
  const { sqlite, pg } = databaseHandle()
  if (sqlite && !sqlite.prepare("select 1 from sqlite_master where name = 'owners'").get()) return null
  if (pg && !(await pg`select to_regclass('public.owners') is not null as yes`)[0]!.yes) return null

  const folder = copiesFolder()
  const { file } = await backUp(path.join(folder, `${stamp()}-before-${occasion}.${sqlite ? "db" : "dump"}`))
  const copies = readdirSync(folder)
    .filter((name) => name.includes("-before-") && !name.endsWith(".sha256"))
    .sort()
  for (const old of copies.slice(0, -maxCopies))
    for (const file of [path.join(folder, old), checksumsOf(path.join(folder, old))]) rmSync(file, { force: true })
  return file
}

async function copySqlite(from: Database.Database, file: string): Promise<void> {
  // A separate connection: the writer's could be inside a transaction.
  const source = new Database(from.name, { readonly: true, fileMustExist: true })
  try {
    await source.backup(file, everything)
  } finally {
    source.close()
  }
}

function verifySqlite(file: string): Pick<Copy, "accounts" | "models"> {
  let opened: ReturnType<typeof openCopy> | undefined
  try {
    opened = openCopy(file)
    const { copy } = opened
    const answer = copy.pragma("integrity_check", { simple: true })
    if (answer !== "ok") throw new BackupRefusal(`${file} is damaged: ${answer}.`)
    const [orphan] = copy.pragma("foreign_key_check") as { table: string }[]
    if (orphan) throw new BackupRefusal(`${file} is damaged: a row of ${orphan.table} belongs to nothing.`)
    const last = Number(copy.prepare("select max(created_at) from __drizzle_migrations").pluck().get() ?? 0)
    if (last > newestMigration("sqlite"))
      throw new BackupRefusal(`${file} was made by a newer release. Upgrade Understudy first.`)
    if (!isMigration("sqlite", last))
      throw new BackupRefusal(`${file} is not a backup of Understudy's SQLite database (it was never migrated).`)
    const count = (table: string) => copy.prepare(`select count(*) from ${table}`).pluck().get() as number
    return { accounts: count("owners"), models: count("models") }
  } catch (error) {
    if (error instanceof BackupRefusal) throw error
    throw new BackupRefusal(`${file} is not a backup of Understudy's SQLite database (${(error as Error).message}).`)
  } finally {
    opened?.close()
  }
}

async function verifyDump(file: string): Promise<Pick<Copy, "accounts" | "models">> {
  const list = await pgProgram("pg_restore", ["--list", file])
  for (const table of ["owners", "models", "__drizzle_migrations"])
    if (!new RegExp(` TABLE DATA \\S+ ${table} `).test(list))
      throw new BackupRefusal(`${file} is not a backup of Understudy's PostgreSQL database: it has no table ${table}.`)
  return { accounts: null, models: null }
}

function pgProgram(program: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] })
    let [said, complaint] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text) => (said += text))
    child.stderr.setEncoding("utf8").on("data", (text) => (complaint += text))
    child.once("error", () =>
      reject(
        new BackupRefusal(`${program} is needed for this and was not found. Install PostgreSQL's client programs.`),
      ),
    )
    child.once("close", (code) =>
      code === 0 ? resolve(said) : reject(new BackupRefusal(`${program} refused: ${complaint.trim()}`)),
    )
  })
}
