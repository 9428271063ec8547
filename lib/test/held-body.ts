import { request } from "node:http"

/**
 * Sends a request without the second half of its body; resolves once the server has accepted it. `finish` sends the
 * rest and returns the response.
 */
export function heldBack(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Buffer,
): Promise<{ finish(): Promise<{ status: number; text: string }> }> {
  const length = { "content-length": String(body.length), expect: "100-continue" }
  const sent = request({ host: "127.0.0.1", port, method, path, agent: false, headers: { ...headers, ...length } })
  const answered = new Promise<{ status: number; text: string }>((resolve, reject) => {
    sent.once("error", reject)
    sent.once("response", (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk))
      response.once("end", () => resolve({ status: response.statusCode!, text }))
    })
  })
  answered.catch(() => {})
  return new Promise((resolve, reject) => {
    sent.once("error", reject)
    sent.once("continue", () => {
      sent.write(body.subarray(0, body.length / 2))
      resolve({
        finish() {
          sent.end(body.subarray(body.length / 2))
          return answered
        },
      })
    })
    sent.flushHeaders()
  })
}
