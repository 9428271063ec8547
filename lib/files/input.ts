import type { Readable } from "node:stream"

import type { Db } from "@/db"
import { env } from "@/env"
import { fromNow } from "@/lib/clock"
import { fetchGuarded, Unreachable } from "@/lib/fetch/fetch"
import { newId } from "@/lib/id"
import { missing, problem } from "@/lib/problem"
import { filesOrigin, storedUrl, secretIn, uploadIn } from "./address"
import { readDataUrl } from "./data-url"
import { hasExpired, openFile } from "./file"
import { storeFile, removeContents, uploadLimit, uploadTooLarge } from "./store-file"
import { baseName, cleanType, defaultType, shortName } from "./schema"
import { attachFiles, deleteFileRows, findFile, findFileBySecret, type File } from "./store"

type Json = Record<string, unknown>

/** A validation error about a file in an input, in the wording of Replicate's API. */
type InvalidFile = { type: "format"; field: string; description: string }

/** An input whose `data:` URLs were replaced by stored files. */
export type StoredInput = { input: Json; invalid: InvalidFile[]; files: string[] }

/** Seconds before an input file without a prediction expires. */
const unclaimedSeconds = 3600
/** Timeouts in milliseconds for the first byte and for the whole download. */
const patience = { begin: 10_000, whole: 30 * 60_000 }
const gigabyte = 1e9

/**
 * Stores the `data:` URLs of an input as files, and checks that files of this installation exist. `paths` are the
 * positions of file URLs, such as `image` or `images.0`; `origin` is the one the client used. Pass `files` to
 * `attachInputFiles`; otherwise they expire.
 */
export async function storeInputFiles(
  owner_id: number,
  input: Json,
  paths: string[],
  origin: string,
): Promise<StoredInput> {
  const stored: StoredInput = { input: structuredClone(input), invalid: [], files: [] }
  try {
    for (const path of paths) {
      const address = valueAt(stored.input, path)
      if (typeof address !== "string") continue
      const field = `input.${path}`
      if (/^data:/i.test(address)) {
        const file = await storeDataUrl(owner_id, address)
        if (!file) stored.invalid.push({ type: "format", field, description: "The data: address cannot be read" })
        else {
          stored.files.push(file.id)
          setAt(stored.input, path, storedUrl(file))
        }
      } else if (!/^https?:\/\//i.test(address) || !URL.canParse(address))
        stored.invalid.push({ type: "format", field, description: "Must be an http(s) or data: address" })
      else if (isOwn(address, origin) && !(await findNamed(owner_id, address)))
        stored.invalid.push({ type: "format", field, description: "There is no such file, or it has expired" })
    }
  } catch (error) {
    await dropInputFiles(stored.files)
    throw error
  }
  if (stored.invalid.length > 0) await dropInputFiles(stored.files)
  return stored
}

/** Attaches files to their prediction, within the transaction that creates it. */
export const attachInputFiles = (tx: Db, files: string[], prediction: number): Promise<void> =>
  attachFiles(tx, files, prediction)

/** Deletes files whose prediction was not created. */
export const dropInputFiles = async (files: string[]): Promise<void> => removeContents(await deleteFileRows(files))

async function storeDataUrl(owner_id: number, address: string): Promise<File | undefined> {
  const data = readDataUrl(address)
  if (!data) return undefined
  return storeFile(owner_id, data.body, { most: uploadLimit(), tooLarge: uploadTooLarge }, () => ({
    kind: "input",
    prediction: null,
    name: data.name,
    content_type: data.content_type,
    metadata: {},
    secret: newId(),
    expires_at: fromNow(unclaimedSeconds),
  }))
}

/** Whether a URL points to this installation. */
const isOwn = (address: string, origin: string) =>
  [origin, filesOrigin(origin), env.PUBLIC_URL].includes(new URL(address).origin) &&
  (uploadIn(address) ?? secretIn(address)) !== undefined

/**
 * The file of this installation that a URL names, whatever its host: its unguessable ID is enough. Uploads are only for
 * their own account.
 */
async function findNamed(owner_id: number, address: string): Promise<File | undefined> {
  const [id, secret] = [uploadIn(address), secretIn(address)]
  const file = id ? await findFile(id) : secret ? await findFileBySecret(secret) : undefined
  if (!file || hasExpired(file) || (id !== undefined && (file.owner_id !== owner_id || file.kind !== "upload")))
    return undefined
  return file
}

/** A file in a runner's job. */
export type OrderedFile = { name: string; content_type: string; size: number | null }

/**
 * The files that the model cannot download itself, by their URLs in the input: those of this installation, which need a
 * token or are unreachable from a container, and with `egress: none` all others.
 */
export async function filesToServe(
  owner_id: number,
  input: Json,
  paths: string[],
  egress: "none" | "internet",
): Promise<Record<string, OrderedFile>> {
  const ordered: Record<string, OrderedFile> = {}
  for (const path of paths) {
    const address = valueAt(input, path)
    if (typeof address !== "string" || Object.hasOwn(ordered, address)) continue
    const file = await findNamed(owner_id, address)
    if (file) ordered[address] = { name: shortName(file.name), content_type: file.content_type, size: file.size }
    else if (egress === "none" && /^https?:\/\//i.test(address))
      ordered[address] = { name: nameIn(address), content_type: defaultType, size: null }
  }
  return ordered
}

/**
 * Opens a file in a run's input, for containers without network. Throws `missing` for a deleted file and for one that
 * is not in the input, and `unprocessable` if the file cannot be downloaded.
 */
export async function openInputFile(
  { owner_id, input }: { owner_id: number; input: Json | null },
  address: string,
): Promise<OrderedFile & { body: Readable }> {
  if (!holds(input, address)) throw missing()
  const file = await findNamed(owner_id, address)
  if (file)
    return {
      name: shortName(file.name),
      content_type: file.content_type,
      size: file.size,
      body: await openFile(file),
    }
  if (!/^https?:\/\//i.test(address)) throw missing()
  return fetchInput(address)
}

function holds(value: unknown, text: string): boolean {
  return isHolder(value) ? Object.values(value).some((one) => holds(one, text)) : value === text
}

async function fetchInput(address: string): Promise<OrderedFile & { body: Readable }> {
  try {
    const { status, headers, body } = await fetchGuarded(address, {
      toPrivate: env.FETCH_PRIVATE === "1",
      limit: env.FETCH_LIMIT_GB === 0 ? Infinity : env.FETCH_LIMIT_GB * gigabyte,
      answerWithin: patience.begin,
      within: patience.whole,
      redirects: 5,
    })
    if (status < 200 || status > 299) {
      body.destroy()
      throw problem("unprocessable", `${new URL(address).host} answered ${status} to a request for an input file.`)
    }
    const length = Number(headers["content-length"])
    return {
      name: nameIn(address),
      content_type: cleanType(String(headers["content-type"] ?? "")),
      size: headers["content-length"] !== undefined && Number.isSafeInteger(length) ? length : null,
      body,
    }
  } catch (error) {
    if (error instanceof Unreachable) throw problem("unprocessable", `An input file is not available: ${error.message}`)
    throw error
  }
}

/** The file name at the end of a URL, because models rely on it. */
function nameIn(address: string): string {
  const last = new URL(address).pathname.split("/").at(-1) ?? ""
  let name = last
  try {
    name = decodeURIComponent(last)
  } catch {
    // Not valid percent-encoding: used as it is.
  }
  return shortName(baseName(name)) || "file"
}

function valueAt(input: Json, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (isHolder(value) ? value[key] : undefined), input)
}

function setAt(input: Json, path: string, value: unknown) {
  const keys = path.split(".")
  const holder = valueAt(input, keys.slice(0, -1).join("."))
  const target = keys.length === 1 ? input : holder
  if (isHolder(target)) target[keys.at(-1)!] = value
}

const isHolder = (value: unknown): value is Json => typeof value === "object" && value !== null
