import type { Readable } from "node:stream"
import { Agent, type Dispatcher } from "undici"

/** An error response of an engine. */
export class DockerError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

/** The newest supported version of the Engine API. */
const newest = "1.47"

/** Time-out in milliseconds of requests with a JSON response, unless they set their own. */
const patience = 120_000

type Call = {
  query?: Record<string, string | number | boolean | string[] | undefined>
  body?: object
  archive?: Iterable<Buffer> | AsyncIterable<Buffer>
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Docker's Engine API on a unix socket; podman serves it too. */
export function dockerApi(socketPath: string) {
  const agent = new Agent({
    connect: { socketPath, timeout: 5_000 },
    connections: 256,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  let version: Promise<string> | undefined

  /** The negotiated API version. */
  async function negotiated() {
    version ??= send("GET", "/version", { signal: AbortSignal.timeout(5_000) }).then(async ({ body }) => {
      const { ApiVersion, MinAPIVersion } = (await body.json()) as { ApiVersion: string; MinAPIVersion?: string }
      return bothKnow(ApiVersion, MinAPIVersion)
    })
    version.catch(() => (version = undefined))
    return version
  }

  async function send(method: string, path: string, { query, body, archive, headers, signal }: Call = {}) {
    const asked = Object.entries(query ?? {}).filter(([, value]) => value !== undefined)
    const search = new URLSearchParams(
      asked.flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)] as [string, string])),
    )
    const type = body ? "application/json" : archive ? "application/x-tar" : undefined
    const response = await agent.request({
      origin: "http://docker",
      path: `${path}${asked.length > 0 ? `?${search}` : ""}`,
      method: method as Dispatcher.HttpMethod,
      headers: { ...(type && { "content-type": type }), ...headers },
      body: body ? JSON.stringify(body) : ((archive as never) ?? null),
      ...(signal && { signal }),
    })
    if (response.statusCode < 400) return response
    const text = await response.body.text()
    throw new DockerError(response.statusCode, messageOf(text) || `the engine answered ${response.statusCode}`)
  }

  const call = async (method: string, path: string, options?: Call) =>
    send(method, `/v${await negotiated()}${path}`, options)

  return {
    /** The JSON body of a response; undefined when empty. */
    async json<T = any>(method: string, path: string, options: Call = {}): Promise<T> {
      const { body } = await call(method, path, { signal: AbortSignal.timeout(patience), ...options })
      const text = await body.text()
      return (text ? JSON.parse(text) : undefined) as T
    },
    async stream(method: string, path: string, options?: Call): Promise<Readable> {
      return (await call(method, path, options)).body
    },
    /** A stream of JSON values, one per line. */
    async *lines(method: string, path: string, options?: Call): AsyncGenerator<any> {
      let rest = ""
      const decoder = new TextDecoder()
      for await (const chunk of (await call(method, path, options)).body) {
        const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split("\n")
        rest = lines.pop()!
        for (const line of lines) if (line.trim()) yield JSON.parse(line)
      }
      if (rest.trim()) yield JSON.parse(rest)
    },
    close: () => agent.destroy(),
  }
}

export type DockerApi = ReturnType<typeof dockerApi>

/** The API version to use: the newest supported one, unless it is outside of the engine's range. */
function bothKnow(theirNewest: string, theirOldest = "1.0"): string {
  if (numberOf(theirNewest) < numberOf(newest)) return theirNewest
  return numberOf(theirOldest) > numberOf(newest) ? theirOldest : newest
}
const numberOf = (version: string) => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major * 1000 + minor
}

function messageOf(text: string) {
  try {
    const { message, cause } = JSON.parse(text)
    return [message, cause].find((part) => typeof part === "string" && part !== "") ?? ""
  } catch {
    return text.trim()
  }
}

/** The text of a log stream, whose frames have an eight-byte header with source and length. */
export async function* unframed(log: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0)
  let left = 0
  for await (const chunk of log) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    for (;;) {
      if (left === 0) {
        if (held.length < 8) break
        left = held.readUInt32BE(4)
        held = held.subarray(8)
        continue
      }
      if (held.length === 0) break
      const piece = held.subarray(0, left)
      left -= piece.length
      held = held.subarray(piece.length)
      yield piece
    }
  }
}

/** The header with the credential of a pull: base64url with padding; without padding it is silently ignored. */
export function registryAuth(credential: { username: string; password: string; serveraddress: string }): string {
  return Buffer.from(JSON.stringify(credential)).toString("base64").replaceAll("+", "-").replaceAll("/", "_")
}
