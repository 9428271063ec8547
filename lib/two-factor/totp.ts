import { Secret, TOTP } from "otpauth"
import { encode } from "uqr"

// RFC 6238 as authenticator apps have it: many of them ignore it when an address asks for anything else.
const terms = { algorithm: "SHA1", digits: 6, period: 30 }

/** 160 random bits in base32: what an app and we make the same codes from. */
export const newSecret = (): string => new Secret({ size: 20 }).base32

/** What an authenticator app is told of: the secret, and which account of which host it is for. */
export const addressOf = (secret: string, username: string, host: string): string =>
  new TOTP({ ...terms, secret, issuer: "Understudy", label: `${username}@${host}` }).toString()

/**
 * The time step that a code belongs to: the present one, or its neighbour before or after, because clocks differ. Undefined for a wrong
 * code. Compares in constant time.
 */
export function stepOf(secret: string, code: string): number | undefined {
  const [totp, timestamp] = [new TOTP({ ...terms, secret }), Date.now()]
  const delta = totp.validate({ token: code, timestamp, window: 1 })
  return delta === null ? undefined : totp.counter({ timestamp }) + delta
}

/** A QR code as one path of an SVG, a unit for each module, with the four modules of quiet around it that readers need. */
export function qrOf(text: string): Qr {
  const { data, size } = encode(text, { ecc: "M", border: 4 })
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : []))).join("")
  return { size, path }
}
export type Qr = { size: number; path: string }
