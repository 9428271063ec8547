import { sharedApi } from "../shared"

// Where Next runs without server.mjs, the same application answers through Next's router. Next passes on only the
// methods below; QUERY needs server.mjs.

async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url)
  const response = await (
    await sharedApi()
  ).inject({
    method: request.method as "GET",
    url: url.pathname + url.search,
    headers: headersOf(request),
    payload: Buffer.from(await request.arrayBuffer()),
  })
  const headers = new Headers()
  for (const [name, value] of Object.entries(response.headers))
    if (value !== undefined) headers.set(name, String(value))
  const empty = response.statusCode === 204 || response.statusCode === 304
  return new Response(empty ? null : new Uint8Array(response.rawPayload), { status: response.statusCode, headers })
}

/** Only server.mjs knows the client's address; without it, a client could claim any. */
function headersOf(request: Request) {
  const headers = Object.fromEntries(request.headers)
  if (!(Symbol.for("understudy.handlers") in globalThis)) delete headers["x-understudy-address"]
  return headers
}

export {
  answer as DELETE,
  answer as GET,
  answer as HEAD,
  answer as OPTIONS,
  answer as PATCH,
  answer as POST,
  answer as PUT,
}
