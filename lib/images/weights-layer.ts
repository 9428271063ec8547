import { Readable } from "node:stream"

/** The offset and size of the weights within a layer. */
export type LayerPlace = { start: number; size: number }

const folder = "opt/understudy"

/**
 * Builds a layer with weights and an entry point, `start`. Cog's server only accepts weights by URL, so `start` serves
 * them on a local port and then runs the original entry point. It serves nothing if COG_WEIGHTS is already set.
 */
export function weightsLayer(
  name: string,
  size: number,
  open: () => Promise<Readable>,
): LayerPlace & { body: Readable } {
  const start = Buffer.from(startScript(name))
  const serve = Buffer.from(serveScript)
  const before = Buffer.concat([
    header("opt/", 0o755, "5", 0),
    header(`${folder}/`, 0o755, "5", 0),
    header(`${folder}/start`, 0o755, "0", start.length),
    padded(start),
    header(`${folder}/serve.py`, 0o644, "0", serve.length),
    padded(serve),
    header(`${folder}/weights/`, 0o755, "5", 0),
    header(`${folder}/weights/${name}`, 0o644, "0", size),
  ])
  async function* contents() {
    yield Buffer.from(before)
    yield* (await open()) as AsyncIterable<Buffer>
    yield Buffer.alloc((-size & 511) + 1024)
  }
  return { start: before.length, size, body: Readable.from(contents(), { objectMode: false }) }
}

/** The entry point that runs before the image's own. */
export const startCommand = `/${folder}/start`

/** Restricts names to characters that are safe in a shell, a URL and an archive. */
export const plainName = (name: string): string => {
  const plain = name.replace(/[^\w.-]/g, "_").replace(/^[.-]+/, "")
  const ending = /\.[\w.]{1,20}$/.exec(plain)?.[0] ?? ""
  return (plain.slice(0, plain.length - ending.length).slice(0, 50) || "weights") + ending
}

const startScript = (name: string) => `#!/bin/sh
if [ -z "$COG_WEIGHTS" ]; then
  python=$(command -v python3 || command -v python)
  if [ -n "$python" ] && port=$("$python" /${folder}/serve.py /${folder}/weights); then
    export COG_WEIGHTS="http://127.0.0.1:$port/${name}"
  else
    export COG_WEIGHTS="/${folder}/weights/${name}"
  fi
fi
exec "$@"
`

const serveScript = `import functools, http.server, os, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=sys.argv[1]))
print(server.server_port, flush=True)
if os.fork() == 0:
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    server.serve_forever()
`

const padded = (content: Buffer) => Buffer.concat([content, Buffer.alloc(-content.length & 511)])

function header(name: string, mode: number, type: "0" | "5", size: number): Buffer {
  const block = Buffer.alloc(512)
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at)
  block.write(name, 0)
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  // Sizes beyond eleven octal digits are written in binary.
  if (size < 8 ** 11) octal(size, 124, 12)
  else {
    block.writeUInt8(0x80, 124)
    block.writeBigUInt64BE(BigInt(size), 128)
  }
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
