import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { request } from "node:http"
import { createServer } from "node:https"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { Agent, fetch as fetchWith } from "undici"

/** An https reverse proxy in front of a server, and a fetch that trusts its certificate. */
export async function httpsInFrontOf(port: number, folder: string) {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")]
  const parameters = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
  execFileSync("openssl", [...parameters.split(" "), "-keyout", key, "-out", certificate], { stdio: "ignore" })
  const [ca, secret] = [readFileSync(certificate), readFileSync(key)]

  const front = createServer({ cert: ca, key: secret }, (incoming, answer) => {
    const headers = { ...incoming.headers, "x-forwarded-proto": "https", "x-forwarded-host": incoming.headers.host }
    const { method, url: path } = incoming
    const passed = request({ host: "127.0.0.1", port, method, path, headers }, (received) => {
      answer.writeHead(received.statusCode!, received.headers)
      received.pipe(answer)
    })
    passed.once("error", () => answer.destroy())
    incoming.pipe(passed)
  }).listen(0, "127.0.0.1")
  await once(front, "listening")

  const dispatcher = new Agent({ connect: { ca } })
  return {
    origin: `https://127.0.0.1:${(front.address() as AddressInfo).port}`,
    fetch: ((url: string, init: object) => fetchWith(url, { ...init, dispatcher })) as unknown as typeof fetch,
    async close() {
      await dispatcher.destroy()
      front.closeAllConnections()
      front.close()
    },
  }
}
