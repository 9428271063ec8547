import { createHash } from "node:crypto"
import { Transform } from "node:stream"

import { TooLarge } from "./contents"

/**
 * Passes a stream through, computing its size and checksums. `onBytes` is called with every chunk's size and may throw.
 */
export function measuring(limit: number, onBytes: (bytes: number) => void = () => {}) {
  const [sha256, md5] = [createHash("sha256"), createHash("md5")]
  let size = 0
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > limit) return done(new TooLarge())
      try {
        onBytes(chunk.length)
      } catch (error) {
        return done(error as Error)
      }
      sha256.update(chunk)
      md5.update(chunk)
      done(null, chunk)
    },
  })
  return { through, measured: () => ({ size, sha256: sha256.digest("hex"), md5: md5.digest("hex") }) }
}
