import { createHash, type Hash } from "node:crypto"

const shape = /^(?:(sha256):[0-9a-f]{64}|(sha512):[0-9a-f]{128})$/

/** Whether a text is a digest of a supported algorithm. */
export const isDigest = (text: string): boolean => shape.test(text)

export type Algorithm = "sha256" | "sha512"

/** The algorithm of a valid digest. */
export const algorithmOf = (digest: string): Algorithm => digest.slice(0, 6) as Algorithm

export const digestOf = (hash: Hash, algorithm: Algorithm): string => `${algorithm}:${hash.digest("hex")}`

export const digestOfBytes = (bytes: Uint8Array, algorithm: Algorithm): string =>
  digestOf(createHash(algorithm).update(bytes), algorithm)
