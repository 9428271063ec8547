import { Agent, request as send } from "node:http"

export type Answer = {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  ms: number
}

/** One request over real HTTP. Rejects without a complete response. */
export type Client = (
  method: string,
  path: string,
  options?: { body?: unknown; raw?: string | Buffer; headers?: Record<string, string>; token?: string | null },
) => Promise<Answer>

/** Sends requests to `url` with the given token over at most `connections` keep-alive connections. */
export function client(url: string, token: string | null = null, connections = 32): Client & { end(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const { hostname, port } = new URL(url)
  const ask: Client = (method, path, { body, raw, headers = {}, token: other } = {}) =>
    new Promise((resolve, reject) => {
      const began = performance.now()
      const shown = other === undefined ? token : other
      const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const request = send(
        {
          hostname,
          port,
          agent,
          method,
          path,
          headers: {
            ...(payload !== undefined && {
              "content-type": "application/json",
              "content-length": Buffer.byteLength(payload),
            }),
            ...(shown && { authorization: `Bearer ${shown}` }),
            ...headers,
          },
        },
        (response) => {
          let text = ""
          response.setEncoding("utf8").on("data", (chunk) => (text += chunk))
          response.once("end", () =>
            resolve({ status: response.statusCode!, headers: response.headers, text, ms: performance.now() - began }),
          )
          response.once("error", reject)
          response.once("aborted", () => reject(new Error("the answer was cut")))
        },
      )
      request.once("error", reject)
      request.end(payload)
    })
  return Object.assign(ask, { end: () => agent.destroy() })
}

/** The body that creates a model. */
export const aModel = (owner: string, name: string, fields: object = {}) => ({
  owner,
  name,
  visibility: "public",
  hardware: "cpu",
  ...fields,
})

/** Runs `work` for 0, 1, 2 … with this concurrency until `more` returns false. */
export async function runConcurrently(
  count: number,
  more: (n: number) => boolean,
  work: (n: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: count }, async () => {
      for (let n = next++; more(n); n = next++) await work(n)
    }),
  )
}

/** How often each value occurs, such as `201 ×1, 409 ×63`. */
export function tally(values: (string | number)[]): string {
  const counts = new Map<string | number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return (
    [...counts]
      .sort(([a], [b]) => String(a).localeCompare(String(b)))
      .map(([value, n]) => `${value} ×${n}`)
      .join(", ") || "nothing"
  )
}

export const percentile = (values: number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0

export const sleep = (ms: number) => new Promise<void>((resume) => setTimeout(resume, ms))
