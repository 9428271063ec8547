import type { LookupAddress } from "node:dns"
import { isIP, type LookupFunction } from "node:net"
import { Transform, type Readable } from "node:stream"
import { Agent, buildConnector, request, type Dispatcher } from "undici"

import { isPublic } from "./address"
import { resolveName } from "./resolve"

export type FetchOptions = {
  method?: "GET" | "POST"
  headers?: Record<string, string>
  body?: string
  /** Allows private networks, this machine and cloud metadata services. */
  toPrivate: boolean
  /** Maximum size of the response in bytes. */
  limit: number
  /** Time-out in milliseconds until the response begins. */
  answerWithin?: number
  /** Time-out in milliseconds until the response has ended. */
  within?: number
  /** Maximum number of redirects. Each is checked like the first address. */
  redirects?: number
  signal?: AbortSignal
}

export type Fetched = {
  /** The URL of the response, after redirects. */
  url: URL
  status: number
  headers: Record<string, string | string[] | undefined>
  /** Callers must read it to its end or destroy it. */
  body: Readable
}

/** Why there is no response, as a sentence for the user who gave the address. */
export class Unreachable extends Error {
  override name = "Unreachable"
  constructor(
    readonly reason: "address" | "private" | "network" | "time" | "size" | "redirects",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/**
 * Fetches a user-supplied http(s) URL. Names are resolved once, and the connection uses the address that was checked,
 * which prevents DNS rebinding. Throws `Unreachable`, also while the body is read.
 */
export async function fetchGuarded(address: string, options: FetchOptions): Promise<Fetched> {
  const { redirects = 0, within = 60_000 } = options
  const ending = AbortSignal.timeout(within)
  const signal = options.signal ? AbortSignal.any([ending, options.signal]) : ending

  for (let url = requireHttpUrl(address), left = redirects; ; left--) {
    const answer = await ask(url, options, signal)
    const next = redirects > 0 ? redirectOf(url, answer) : undefined
    if (!next) return { url, status: answer.statusCode, headers: answer.headers, body: bounded(answer, options.limit) }
    answer.body.on("error", () => {}).destroy()
    if (left === 0) throw new Unreachable("redirects", `${url.host} redirects too often.`)
    url = requireHttpUrl(next)
  }
}

/** The target of a redirect, as an absolute URL if it is valid; undefined if the response is no redirect. */
export function redirectOf(url: URL, answer: { statusCode: number; headers: Fetched["headers"] }): string | undefined {
  const { location } = answer.headers
  if (![301, 302, 303, 307, 308].includes(answer.statusCode) || typeof location !== "string") return undefined
  return URL.canParse(location, url) ? new URL(location, url).href : location
}

/** Throws `Unreachable` for anything but an http(s) URL without credentials. */
function requireHttpUrl(address: string): URL {
  if (!URL.canParse(address)) throw new Unreachable("address", "This is not a valid address.")
  const url = new URL(address)
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new Unreachable("address", "The address must start with https:// or http://.")
  if (url.username || url.password)
    throw new Unreachable("address", "The address must not have a user name or a password in it.")
  return url
}

async function ask(url: URL, options: FetchOptions, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const { method = "GET", headers = {}, body, toPrivate, answerWithin = 10_000 } = options
  try {
    return await request(url, {
      method,
      headers: { "user-agent": "Understudy", "accept-encoding": "identity", ...headers },
      body,
      dispatcher: agentFor(toPrivate),
      headersTimeout: answerWithin,
      // Between two chunks; `within` limits the whole response.
      bodyTimeout: 30_000,
      signal,
    })
  } catch (error) {
    throw asUnreachable(error, url)
  }
}

/** The response body, which fails with `Unreachable` if it takes too long or is too large. */
function bounded({ body, headers }: Dispatcher.ResponseData, limit: number): Readable {
  const tooLarge = () => new Unreachable("size", `The answer is larger than ${inWords(limit)}.`)
  if (Number(headers["content-length"]) > limit) {
    body.on("error", () => {}).destroy()
    throw tooLarge()
  }
  let size = 0
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      done(size > limit ? tooLarge() : null, chunk)
    },
  })
  body.on("error", (error) => counter.destroy(asUnreachable(error)))
  counter.once("close", () => body.destroy())
  // An error event without a listener would crash the process.
  counter.on("error", () => {})
  return body.pipe(counter)
}

const inWords = (bytes: number) =>
  bytes >= 1024 * 1024 ? `${Math.round(bytes / 1024 / 1024)} MB` : `${Math.max(1, Math.round(bytes / 1024))} kB`

const key = Symbol.for("understudy.fetch")
const slot = globalThis as typeof globalThis & { [key]?: Partial<Record<"guarded" | "open", Agent>> }

/** One client per process and kind. Connections can be reused, because their address was checked when they opened. */
function agentFor(toPrivate: boolean): Agent {
  const agents = (slot[key] ??= {})
  return (agents[toPrivate ? "open" : "guarded"] ??= new Agent({
    connect: toPrivate ? connector({ lookup: lookupAny }) : guardedConnector(),
    allowH2: false,
    connections: 32,
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 10_000,
    maxHeaderSize: 16 * 1024,
  }))
}

const connector = (options: { lookup: LookupFunction }) =>
  buildConnector({ timeout: 5000, allowH2: false, ...options } as buildConnector.BuildOptions)

/** Checks IP addresses in URLs, which need no lookup. Names are checked by `lookupPublic`. */
function guardedConnector(): buildConnector.connector {
  const connect = connector({ lookup: lookupPublic })
  return (options, callback) => {
    if (isIP(options.hostname) === 0 || isPublic(options.hostname)) return connect(options, callback)
    process.nextTick(() => callback(notPublic(options.hostname), null))
  }
}

const notPublic = (name: string) =>
  new Unreachable("private", `${name} is not a public address, and this server connects only to those.`)

const lookupPublic: LookupFunction = (name, { all }, callback) =>
  void answerLookup(name, all, callback, (found) => {
    const allowed = found.filter(({ address }) => isPublic(address))
    if (allowed.length === 0) throw notPublic(name)
    return allowed
  })

const lookupAny: LookupFunction = (name, { all }, callback) => void answerLookup(name, all, callback, (found) => found)

async function answerLookup(
  name: string,
  all: boolean | undefined,
  callback: Parameters<LookupFunction>[2],
  judge: (found: LookupAddress[]) => LookupAddress[],
) {
  let found: LookupAddress[]
  try {
    found = judge(await resolveName(name).catch(sayThatNoAnswerCame))
  } catch (error) {
    return callback(error as NodeJS.ErrnoException, "")
  }
  if (all) callback(null, found)
  else callback(null, found[0]!.address, found[0]!.family)
}

/** Names that do not exist are told by `asUnreachable`; here, it is the name server that fails. */
function sayThatNoAnswerCame(error: NodeJS.ErrnoException & { hostname?: string }): never {
  if (error.code === "ENOTFOUND" || error.code === "ENODATA") throw error
  throw new Unreachable("network", `The address of ${error.hostname} could not be looked up (${error.code}).`, {
    cause: error,
  })
}

function asUnreachable(error: unknown, url?: URL): Unreachable {
  if (error instanceof Unreachable) return error
  const { name, code, message, cause } = error as NodeJS.ErrnoException
  if (cause instanceof Unreachable) return cause
  const host = url?.host ?? "The server"
  if (name === "AbortError" || name === "TimeoutError" || /TIMEOUT|ETIMEDOUT/.test(code ?? ""))
    return new Unreachable("time", `${host} did not answer in time.`, { cause: error })
  if (code === "ENOTFOUND" || code === "ENODATA")
    return new Unreachable("network", `There is no host ${url?.hostname ?? ""}.`.replace(" .", "."), { cause: error })
  return new Unreachable("network", `${host} could not be reached (${code ?? message}).`, { cause: error })
}
