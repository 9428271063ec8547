// Requests of a model server: downloads of inputs, uploads of outputs, webhooks.
import { request as overHttp, STATUS_CODES } from "node:http"
import { request as overHttps } from "node:https"
import { setTimeout as sleep } from "node:timers/promises"
import { ModelError } from "./error.mjs"

// Without network, requests to the callback origin go through a unix socket.
const { CALLBACK_ORIGIN = "http://127.0.0.1:9000", CALLBACK_SOCKET, WEBHOOK_AUTH_TOKEN } = process.env

/** Sends a request; returns status, headers and body. */
export function send(method, address, { headers = {}, body } = {}) {
  const url = new URL(address)
  const socketPath = CALLBACK_SOCKET && url.origin === CALLBACK_ORIGIN ? CALLBACK_SOCKET : undefined
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? overHttps : overHttp)(
      url,
      { method, headers, socketPath },
      (response) => {
        const chunks = []
        response.on("data", (chunk) => chunks.push(chunk)).on("error", reject)
        response.on("end", () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
        )
      },
    )
    request.on("error", reject)
    request.end(body)
  })
}

/** Loads a file from an http(s) or data URL. Throws errors in the wording of Cog's client. */
export async function readFile(address) {
  if (address.startsWith("data:")) return fromDataUrl(address)
  let url = new URL(address)
  for (let hops = 0; hops < 10; hops++) {
    const { status, headers, body } = await send("GET", url)
    if (status >= 300 && status < 400 && headers.location) {
      url = new URL(headers.location, url)
    } else {
      if (status >= 400) throw unreadable(status, url)
      return new File([body], nameIn(url), { type: headers["content-type"]?.split(";")[0] ?? "" })
    }
  }
  throw new ModelError(`Exceeded 10 redirects for url: ${address}`)
}

const unreadable = (status, url) =>
  new ModelError(`${status} ${status < 500 ? "Client" : "Server"} Error: ${STATUS_CODES[status]} for url: ${url}`)

const nameIn = (url) => decodeURIComponent(url.pathname.split("/").at(-1)) || "file"

function fromDataUrl(address) {
  const [, type, base64, data] = /^data:([^;,]*)(?:;(?!base64)[^;,]*)*(;base64)?,([^]*)$/i.exec(address) ?? []
  if (data === undefined) throw new ModelError("The data URL cannot be read.")
  const content = Buffer.from(decodeURIComponent(data), base64 ? "base64" : "utf8")
  return new File([content], `file.${(type || "text/plain").split("/")[1].split("+")[0]}`, {
    type: type || "text/plain",
  })
}

/** Uploads an output file and returns its URL, or a data URL without an upload URL. */
export async function putFile(file, uploadUrl, id) {
  const body = Buffer.from(await file.arrayBuffer())
  const type = file.type || "application/octet-stream"
  if (!uploadUrl) return `data:${type};base64,${body.toString("base64")}`
  const url = `${uploadUrl.replace(/\/*$/, "/")}${encodeURIComponent(file.name)}`
  const headers = { "content-type": type, "content-length": body.length, ...(id && { "x-prediction-id": id }) }
  // Retries for a minute: a restart of the server must not lose the result of hours of work.
  const answer = await sendUntilTaken(3, () => send("PUT", url, { headers, body }), 10)
  if (!(answer?.status < 300)) throw new ModelError("Got error trying to upload output files")
  return new URL(answer.headers.location ?? url, url).href.replace(/\?.*$/, "")
}

/** Sends the state of a prediction to a webhook; the final state is retried until accepted. */
export async function callBack(url, prediction, { isFinal, trace }) {
  const body = JSON.stringify(prediction)
  const authorization = WEBHOOK_AUTH_TOKEN && { authorization: `Bearer ${WEBHOOK_AUTH_TOKEN}` }
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...authorization,
    ...trace,
  }
  await sendUntilTaken(isFinal ? 12 : 1, () => send("POST", url, { headers, body }))
}

/** Retries temporary failures with growing back-off. Undefined when there was never a response. */
async function sendUntilTaken(tries, request, triesUnheard = tries) {
  for (let tried = 1, pause = 100; ; tried++, pause = Math.min(pause * 2, 60_000)) {
    const answer = await request().catch(() => undefined)
    if (
      tried >= (answer ? tries : triesUnheard) ||
      (answer && ![408, 429].includes(answer.status) && answer.status < 500)
    )
      return answer
    await sleep(pause)
  }
}
