import { appendFileSync, existsSync, readFileSync } from "node:fs"

/** A credential that a test created or was shown. */
export type Secret = { what: string; text: string }

/** Records a secret for the final search through everything the run left behind (traces.last.ts). Returns it. */
export function remember<T extends string>(what: string, text: T): T {
  const file = process.env.E2E_SECRETS
  if (file) appendFileSync(file, `${JSON.stringify({ what, text })}\n`)
  return text
}

export function remembered(): Secret[] {
  const file = process.env.E2E_SECRETS!
  if (!existsSync(file)) return []
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean)
  return [...new Set(lines)].map((line) => JSON.parse(line) as Secret)
}

/** The forms of a secret in a file: plain, and in the usual encodings. */
const spellings = ({ text }: Secret) =>
  new Set([
    text,
    encodeURIComponent(text),
    text.replaceAll(" ", "+"),
    text.replaceAll("&", "&amp;"),
    Buffer.from(text).toString("base64").replace(/=+$/, ""),
    Buffer.from(text).toString("base64url"),
    Buffer.from(text).toString("hex"),
  ])

/** A search for all of them in one pass. */
export function searchFor(secrets: Secret[]): (bytes: Buffer) => Secret[] {
  const byBeginning = new Map<number, { bytes: Buffer; secret: Secret }[]>()
  for (const secret of secrets)
    for (const spelling of spellings(secret)) {
      const bytes = Buffer.from(spelling)
      if (bytes.length < 8) throw new Error(`${secret.what} is too short to be looked for.`)
      byBeginning.set(bytes.readUInt32LE(0), [...(byBeginning.get(bytes.readUInt32LE(0)) ?? []), { bytes, secret }])
    }
  return (bytes) => {
    const found = new Set<Secret>()
    let beginning = 0
    for (let at = 0; at < bytes.length; at++) {
      beginning = ((beginning >>> 8) | (bytes[at]! << 24)) >>> 0
      for (const one of byBeginning.get(beginning) ?? [])
        if (at >= 3 && bytes.subarray(at - 3, at - 3 + one.bytes.length).equals(one.bytes)) found.add(one.secret)
    }
    return [...found]
  }
}
