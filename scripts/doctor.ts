import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from "node:fs"
import { request as askPlainly } from "node:http"
import { request as askSecurely } from "node:https"
import { createServer } from "node:net"
import path from "node:path"

import { databaseHandle } from "@/db"
import { knownMigrations, lastMigration } from "@/db/journal"
import { dialect } from "@/db/kit"
import { openToOthers } from "@/db/tighten"
import { databaseIntegrity, databaseVersion, newerRelease } from "@/db/migrate"
import { env } from "@/env"
import { configuredBucket } from "@/lib/bucket/bucket"
import { inspectEngines } from "@/lib/runner/local-runner"
import { refusedOrigin } from "@/server/origin.mjs"

/** One line of the report; a WARN works but should be improved, a FAIL does not work. */
export type Finding = { level: "ok" | "WARN" | "FAIL"; what: string; message: string }

const ok = (what: string, message: string): Finding => ({ level: "ok", what, message })
const warn = (what: string, message: string): Finding => ({ level: "WARN", what, message })
const fail = (what: string, message: string): Finding => ({ level: "FAIL", what, message })

const inDataDir = (...names: string[]) => path.resolve(env.DATA_DIR, ...names)
const oldestNode = "22.18.0"
const megabyte = 1024 * 1024

/** Checks everything an installation depends on, without changing it. */
export async function* diagnose(): AsyncGenerator<Finding> {
  yield node()
  yield* dataFolder()
  yield secret()
  yield* database()
  yield await files()
  yield* models()
  yield await port()
  yield publicUrl()
  yield* uploads()
  yield* refusedForms()
  yield github()
}

function node(): Finding {
  const { node } = process.versions
  return isOlder(node, oldestNode)
    ? fail("Node", `${node} is too old: ${oldestNode} or newer is needed.`)
    : ok("Node", node)
}

function* dataFolder(): Generator<Finding> {
  const folder = inDataDir()
  if (!existsSync(folder)) return yield warn("data folder", `${folder} does not exist yet. The first start creates it.`)
  yield folderAccess(folder)
  const open = openToOthers(folder)
  if (isOpenToOthers(folder) && open.length > 0)
    yield warn(
      "data folder",
      `Other users of this machine can read ${open.join(", ")} in it. The next start limits them to their owner.`,
    )
  yield freeSpace(folder)
}

function folderAccess(folder: string): Finding {
  if (!statSync(folder).isDirectory()) return fail("data folder", `${folder} is not a folder. Set DATA_DIR to one.`)
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    return fail(
      "data folder",
      `${folder} is not writable (${codeOf(error)}). Change its owner to the user that runs Understudy.`,
    )
  }
  if (isOpenToOthers(folder))
    return warn("data folder", `Other users of this machine can read ${folder}. Run: chmod 700 ${folder}`)
  return ok("data folder", `${folder} is writable and private.`)
}

function freeSpace(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder)
  const free = Math.floor((bavail * bsize) / megabyte)
  if (free < 100) return fail("disk", `${free} MB free. Free up space now.`)
  if (free < 1024) return warn("disk", `${free} MB free. Free up space soon.`)
  return ok("disk", `${Math.floor(free / 1024)} GB free.`)
}

function secret(): Finding {
  if (env.AUTH_SECRET) return ok("secret", "AUTH_SECRET is set.")
  const file = inDataDir("auth-secret")
  if (!existsSync(file)) return ok("secret", "Not generated yet. It is created on first use.")
  try {
    if (readFileSync(file, "utf8").trim().length < 32)
      return fail(
        "secret",
        `${file} is damaged. Remove it: a new one is generated. Everybody has to sign in again (with a recovery code if two-step sign-in is on), and webhook secrets change.`,
      )
  } catch (error) {
    return fail(
      "secret",
      `${file} is not readable (${codeOf(error)}). Change its owner to the user that runs Understudy.`,
    )
  }
  if (isOpenToOthers(file)) return warn("secret", `Other users of this machine can read it. Run: chmod 600 ${file}`)
  return ok("secret", `${file} is private.`)
}

async function* database(): AsyncGenerator<Finding> {
  const file = inDataDir("understudy.db")
  if (dialect === "sqlite" && !existsSync(file))
    return yield warn("database", `${file} does not exist yet. The first start creates it.`)
  try {
    yield ok("database", `${await databaseVersion()} responds.`)
  } catch (error) {
    const remedy =
      dialect === "pg"
        ? "Check DATABASE_URL and that the server is running."
        : "Check the owner of the file, or restore a backup."
    return yield fail("database", `It cannot be opened: ${reasonOf(error)}. ${remedy}`)
  }
  yield await attempted("integrity", integrity)
  yield await attempted("migrations", migrations)
}

async function files(): Promise<Finding> {
  const bucket = configuredBucket()
  if (!bucket) return ok("files", "Files are stored in the data folder.")
  const failure = await bucket.checkWritable()
  return failure
    ? fail("files", failure)
    : ok(
        "files",
        `Files are stored in the bucket ${env.S3_BUCKET}${env.S3_ENDPOINT ? ` at ${env.S3_ENDPOINT}` : ""}; it is readable and writable.`,
      )
}

async function attempted(what: string, check: () => Promise<Finding>): Promise<Finding> {
  return check().catch((error: unknown) => fail(what, `It could not be checked: ${reasonOf(error)}.`))
}

async function integrity(): Promise<Finding> {
  const answer = await databaseIntegrity()
  return answer === "ok"
    ? ok("integrity", "No errors found.")
    : fail("integrity", `The database is damaged: ${answer}. Restore a backup.`)
}

async function migrations(): Promise<Finding> {
  const known = knownMigrations(dialect)
  const last = await lastMigration(databaseHandle())
  if (last > Math.max(...known)) return fail("migrations", newerRelease)
  const pending = known.filter((when) => when > last).length
  if (pending > 0)
    return warn(
      "migrations",
      `${pending} of ${known.length} are pending. The next start backs up the database and applies them.`,
    )
  return ok("migrations", `All ${known.length} are applied.`)
}

async function* models(): AsyncGenerator<Finding> {
  if (env.RUN_ENGINE === "off") return yield ok("models", "This server runs none (RUN_ENGINE=off).")
  const engines = await inspectEngines()
  if (engines.length === 0) yield warn("models", "There is no engine for them. See docs/running.md.")
  for (const { engine, failure, missing } of engines) {
    const what = `engine ${engine}`
    if (failure) yield (env.RUN_ENGINE === "auto" ? warn : fail)(what, failure)
    else if (missing.length === 0) yield ok(what, "It runs models and isolates them.")
    for (const sentence of missing) yield warn(what, `${sentence} See docs/running.md#isolation.`)
  }
}

async function port(): Promise<Finding> {
  if (env.PORT === 0) return ok("port", "PORT is 0: any free port is used.")
  const code = await codeOfListening()
  if (code === undefined) return ok("port", `${env.PORT} is free.`)
  if (code === "EADDRINUSE" && (await isUnderstudy())) return ok("port", `Understudy is running on ${env.PORT}.`)
  if (code === "EADDRINUSE") return fail("port", `Another program uses ${env.PORT}. Set PORT to a free one.`)
  if (code === "EACCES") return fail("port", `${env.PORT} requires root. Set PORT above 1023 and put a proxy in front.`)
  return fail("port", `Cannot listen on ${env.HOST}:${env.PORT} (${code}). Check HOST.`)
}

function codeOfListening(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once("error", (error) => resolve(codeOf(error)))
    probe.listen(env.PORT, env.HOST, () => probe.close(() => resolve(undefined)))
  })
}

async function isUnderstudy(): Promise<boolean> {
  const host = ["0.0.0.0", "::"].includes(env.HOST) ? "127.0.0.1" : env.HOST
  try {
    const answer = await fetch(`http://${host.includes(":") ? `[${host}]` : host}:${env.PORT}/v1/openapi.json`, {
      signal: AbortSignal.timeout(3000),
    })
    return ((await answer.json()) as { info: { title: string } }).info.title.startsWith("Understudy")
  } catch {
    // Another program is responding.
    return false
  }
}

function publicUrl(): Finding {
  const { PUBLIC_URL, TRUST_PROXY } = env
  if (!PUBLIC_URL && TRUST_PROXY === "1")
    return warn(
      "public URL",
      "TRUST_PROXY is 1 but PUBLIC_URL is not set, so cookies are limited to https only if the proxy sends X-Forwarded-Proto. Set it to the URL people use.",
    )
  if (!PUBLIC_URL) return ok("public URL", "PUBLIC_URL is not set: links repeat the address of the request.")

  const { origin, protocol, hostname } = new URL(PUBLIC_URL)
  if (PUBLIC_URL !== origin) return fail("public URL", `PUBLIC_URL has a path. Set it to ${origin} or to another host.`)
  const isLocal = hostname === "localhost" || hostname.startsWith("127.") || hostname === "[::1]"
  if (protocol === "http:" && !isLocal)
    return warn("public URL", `${origin} sends passwords and tokens unencrypted. Put a proxy with https in front.`)
  if (protocol === "https:" && TRUST_PROXY === "0")
    return warn(
      "public URL",
      "TRUST_PROXY is 0, so all clients behind the https proxy count as one address. Set it to 1 if only the proxy can connect.",
    )
  return ok("public URL", `${origin}, ${TRUST_PROXY === "1" ? "behind a trusted proxy" : "without a proxy"}.`)
}

/**
 * Whether a proxy in front of the server accepts the largest upload. Only the headers are sent; the server rejects
 * them, because there is no token.
 */
async function* uploads(): AsyncGenerator<Finding> {
  if (!env.PUBLIC_URL || env.PUBLIC_URL !== new URL(env.PUBLIC_URL).origin) return
  const size = env.FILE_LIMIT_MB * megabyte
  const answer = await headOfUpload(`${env.PUBLIC_URL}/v1/files`, size)
  if (!answer) return
  const { status, type } = answer
  if (status === 413 && !type.includes("problem+json"))
    yield warn(
      "uploads",
      `A proxy in front of ${env.PUBLIC_URL} refuses uploads of ${env.FILE_LIMIT_MB} MB. Raise its limit (client_max_body_size in nginx), or lower FILE_LIMIT_MB.`,
    )
  else if (status === 401) yield ok("uploads", `Files of ${env.FILE_LIMIT_MB} MB reach the server.`)
}

/** The response to an upload of that size before its body is sent; undefined if there is none soon. */
function headOfUpload(url: string, size: number): Promise<{ status: number; type: string } | undefined> {
  return new Promise((resolve) => {
    const ask = url.startsWith("https:") ? askSecurely : askPlainly
    const headers = { "content-type": "multipart/form-data; boundary=x", "content-length": size }
    const request = ask(url, { method: "POST", headers, timeout: 3000 }, (response) => {
      resolve({ status: response.statusCode ?? 0, type: String(response.headers["content-type"]) })
      request.destroy()
    })
    request.on("timeout", () => request.destroy())
    request.on("error", () => {}).on("close", () => resolve(undefined))
    request.flushHeaders()
  })
}

/** Reports a form that was rejected because its origin was not the server's own, as noted by server/origin.mjs. */
function* refusedForms(): Generator<Finding> {
  const { origin, own, at } = noteIn(inDataDir(refusedOrigin)) ?? {}
  if (!origin || origin === env.PUBLIC_URL) return
  yield warn(
    "forms",
    `A form from ${origin} was rejected at ${at}, because the server's own origin is ${own}. If people use that address, set PUBLIC_URL=${origin}.`,
  )
}

function noteIn(file: string): Partial<Record<"origin" | "own" | "at", string>> | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Partial<Record<"origin" | "own" | "at", string>>
  } catch {
    return undefined
  }
}

function github(): Finding {
  const { GITHUB_ID, GITHUB_SECRET, PUBLIC_URL } = env
  if (!GITHUB_ID && !GITHUB_SECRET) return ok("GitHub", "Sign-in with GitHub is off.")
  if (!GITHUB_ID || !GITHUB_SECRET)
    return warn("GitHub", `${GITHUB_ID ? "GITHUB_SECRET" : "GITHUB_ID"} is not set, so sign-in with GitHub stays off.`)
  if (!PUBLIC_URL) return warn("GitHub", "PUBLIC_URL is not set. GitHub needs it to redirect back.")
  return ok("GitHub", `Redirects to ${PUBLIC_URL}/api/auth/callback/github.`)
}

const isOpenToOthers = (file: string) => process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0
const isOlder = (version: string, than: string) => version.localeCompare(than, "en", { numeric: true }) < 0
const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? "unknown"

/** The error of a refused connection has no message, only those of the addresses that were tried. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(", ")
  const { message, code } = error as NodeJS.ErrnoException
  return (message || code || String(error)).replace(/\.$/, "")
}
