/** An entry of a tar archive: a file if it has content, otherwise a folder. */
export type TarEntry = { name: string; mode: number; content?: Buffer }

/**
 * Writes an archive without copying its content. Parent folders are included, because engines would create them private
 * to their owner.
 */
export function* tar(entries: Iterable<TarEntry>): Generator<Buffer> {
  const folders = new Set<string>()
  for (const { name, mode, content } of entries) {
    const above = name.split("/").slice(0, content ? -1 : -2)
    for (const folder of above.map((_, depth) => `${above.slice(0, depth + 1).join("/")}/`)) {
      if (!folders.has(folder)) yield header(folder, 0o755, "5", 0)
      folders.add(folder)
    }
    if (!content) folders.add(name)
    yield header(name, mode, content ? "0" : "5", content?.length ?? 0)
    if (!content) continue
    yield content
    yield Buffer.alloc(-content.length & 511)
  }
  yield Buffer.alloc(1024)
}

function header(name: string, mode: number, type: "0" | "5", size: number) {
  const block = Buffer.alloc(512)
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at)
  if (Buffer.byteLength(name) > 100) throw new Error(`${name} is too long a name for an archive.`)
  block.write(name, 0)
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(0, 136, 12)
  block.write(" ".repeat(8), 148)
  block.write(type, 156)
  block.write("ustar\x0000", 257)
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  return block
}

/** The first file of an archive stream, which is how engines export a file. */
export async function* firstFile(archive: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0)
  let left = -1
  for await (const chunk of archive) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    while (left < 0 && held.length >= 512) {
      const type = String.fromCharCode(held[156]!)
      const size = Number.parseInt(held.toString("latin1", 124, 136), 8) || 0
      // Long names and metadata are entries of their own in front.
      if (type === "0" || type === "\0") left = size
      else if (type === "x" || type === "g" || type === "L") {
        const whole = 512 + size + (-size & 511)
        if (held.length < whole) break
        held = held.subarray(whole)
        continue
      } else throw new Error("it is not a file")
      held = held.subarray(512)
    }
    if (left < 0) continue
    const piece = held.subarray(0, left)
    left -= piece.length
    held = Buffer.alloc(0)
    if (piece.length > 0) yield piece
    if (left === 0) return
  }
  throw new Error("it ended before its end")
}
