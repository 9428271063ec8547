import type { FastifyInstance } from "fastify"

import { buildApi } from "@/app/v1/api"
import { documentChecker } from "./api-document"

/** The options of a call: `token: null` sends none, `body` is sent as JSON and `raw` unchanged. */
export type Call = {
  token?: string | null
  scheme?: string
  body?: unknown
  raw?: string
  headers?: Record<string, string>
}

/**
 * The API under test. `call` uses the default token unless another is given, and throws for every response that
 * /v1/openapi.json does not describe.
 */
export async function apiFor(defaultToken?: string) {
  const api = await buildApi()
  const check = documentChecker((await api.inject("/v1/openapi.json")).json())

  async function call(
    method: string,
    url: string,
    { token = defaultToken ?? null, scheme = "Bearer", body, raw, headers = {} }: Call = {},
  ) {
    const response = await api.inject({
      method: method as "GET",
      url,
      headers: { host: "models.example.com", ...(token && { authorization: `${scheme} ${token}` }), ...headers },
      payload: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    })
    const type = String(response.headers["content-type"] ?? "")
    const answer = {
      status: response.statusCode,
      headers: response.headers,
      text: response.body,
      body: response.body !== "" && /json(;|$)/.test(type) ? response.json() : undefined,
    }
    check(method, url, { status: answer.status, type, text: answer.text, body: answer.body })
    return answer
  }

  return { api: api as FastifyInstance, call }
}

export type CallApi = Awaited<ReturnType<typeof apiFor>>["call"]
