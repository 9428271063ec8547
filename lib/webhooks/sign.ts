import { createHmac } from "node:crypto"

/**
 * The headers that let a receiver see who sends, as https://www.standardwebhooks.com has them: one signature for each secret that counts. Made
 * by Node itself, because the library's own HMAC would hold everybody up over a large body.
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
