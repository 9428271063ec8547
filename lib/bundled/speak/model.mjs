// Text to speech with Flite, compiled to WebAssembly; it takes a command line and writes to an in-memory folder.
import { readFile } from "node:fs/promises"
import { ConsoleStdout, File as MemoryFile, OpenFile, PreopenDirectory, WASI } from "@bjorn3/browser_wasi_shim"
import { asset } from "../server/asset.mjs"
import { ModelError } from "../server/error.mjs"

export * from "./schema.mjs"

const rate = 16_000
/** Voices whose files have another name: this one has the sampling rate of the others. */
const names = { kal: "kal16" }
/** Each chunk is synthesized in one blocking call. */
const pieceLimit = 300

let flite

export async function setup({ log }) {
  flite = await WebAssembly.compile(await readFile(asset("flite.wasm")))
  log("Flite and its voices are loaded.")
}

/** @param {{ text: string, voice: string }} input */
export async function predict({ text, voice }, { log, breathe }) {
  const pieces = piecesOf(readable(text))
  if (pieces.length === 0)
    throw new ModelError("The text contains nothing that these voices can speak. They speak English only.")
  const spoken = []
  for (const [at, piece] of pieces.entries()) {
    await breathe()
    spoken.push(await say(piece, names[voice] ?? voice))
    if (pieces.length > 1) log(`${at + 1}/${pieces.length}`)
  }
  const samples = Buffer.concat(spoken)
  log(`${(samples.length / 2 / rate).toFixed(1)} seconds of speech`)
  return new File([waveHeader(samples.length), samples], "speech.wav", { type: "audio/wav" })
}

async function say(text, voice) {
  const folder = new PreopenDirectory("/", new Map())
  const silent = () => ConsoleStdout.lineBuffered(() => {})
  const wasi = new WASI(
    ["flite", "-voice", voice, "-t", text, "-o", "/out.wav"],
    [],
    [new OpenFile(new MemoryFile([])), silent(), silent(), folder],
    { debug: false },
  )
  const program = await WebAssembly.instantiate(flite, { wasi_snapshot_preview1: wasi.wasiImport })
  wasi.start(/** @type {any} */ (program))
  const file = /** @type {any} */ (folder.dir.contents.get("out.wav"))
  return file ? Buffer.from(file.data).subarray(44) : Buffer.alloc(0)
}

/** Reduces a text to what the voices can read: Latin letters without accents, digits and punctuation. */
const readable = (text) =>
  text
    .normalize("NFKD")
    .replace(/[‘’]/g, "'")
    .replace(/[“”«»]/g, '"')
    .replace(/[–—]/g, ", ")
    .replace(/[^\x20-\x7e\n]/g, (other) => (/\s/.test(other) ? " " : ""))

/** Splits at sentences where they are short enough, otherwise at words. */
function piecesOf(text) {
  const pieces = []
  for (const sentence of text.split(/(?<=[.!?:;])\s+|\n+/)) {
    let piece = ""
    for (const word of sentence.split(/\s+/)) {
      if (piece.length + word.length > pieceLimit) {
        pieces.push(piece)
        piece = ""
      }
      piece += `${piece && " "}${word.slice(0, pieceLimit)}`
    }
    pieces.push(piece)
  }
  return pieces.filter((piece) => /[a-z0-9]/i.test(piece))
}

/** 16-bit mono. */
function waveHeader(length) {
  const header = Buffer.alloc(44)
  header.write("RIFF")
  header.writeUInt32LE(36 + length, 4)
  header.write("WAVEfmt ", 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write("data", 36)
  header.writeUInt32LE(length, 40)
  return header
}
