import { createHmac } from "node:crypto"

/**
 * Signature headers as in https://www.standardwebhooks.com, one signature per valid secret. Uses Node's own HMAC,
 * because the library's would block the event loop for a large body.
 */
export function signedHeaders(
  secrets: string[],
  { id, body, at = new Date() }: { id: string; body: string; at?: Date },
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64")
    return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64")}`
  })
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") }
}
