import { Secret, TOTP } from "otpauth"
import { encode } from "uqr"

// RFC 6238 with the defaults of authenticator apps, many of which ignore other parameters.
const terms = { algorithm: "SHA1", digits: 6, period: 30 }

/** 160 random bits in base32. */
export const newSecret = (): string => new Secret({ size: 20 }).base32

/** The otpauth URL for an authenticator app: the secret, and the account and host it is for. */
export const addressOf = (secret: string, username: string, host: string): string =>
  new TOTP({ ...terms, secret, issuer: "Understudy", label: `${username}@${host}` }).toString()

/**
 * The time step of a code: the current one or a neighbour, because clocks differ. Undefined for a wrong code. Compares
 * in constant time.
 */
export function stepOf(secret: string, code: string): number | undefined {
  const [totp, timestamp] = [new TOTP({ ...terms, secret }), Date.now()]
  const delta = totp.validate({ token: code, timestamp, window: 1 })
  return delta === null ? undefined : totp.counter({ timestamp }) + delta
}

/** A QR code as one SVG path, one unit per module, with the quiet zone of four modules that readers need. */
export function qrOf(text: string): Qr {
  const { data, size } = encode(text, { ecc: "M", border: 4 })
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : []))).join("")
  return { size, path }
}
export type Qr = { size: number; path: string }
