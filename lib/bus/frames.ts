import { LRUCache } from "lru-cache"

/** A PostgreSQL notification has less than 8,000 bytes; this leaves room for the frame's header. */
const most = 7800

/** One piece of a message in transit. */
export type Frame = { from: string; batch: number; part: number; parts: number; text: string }

/** Splits a value into frames that each fit into one notification. ASCII only, so that a character is a byte. */
export function framesOf(from: string, batch: number, value: unknown): string[] {
  const json = JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
  const parts = Math.max(1, Math.ceil(json.length / most))
  return Array.from(
    { length: parts },
    (_, part) => `${from} ${batch} ${part} ${parts} ${json.slice(part * most, (part + 1) * most)}`,
  )
}

/** Undefined for anything but a frame; another release may use another format. */
export function readFrame(line: string): Frame | undefined {
  const [heading, from, batch, part, parts] = /^(\S+) (\d+) (\d+) (\d+) /.exec(line) ?? []
  if (heading === undefined) return undefined
  return {
    from: from!,
    batch: Number(batch),
    part: Number(part),
    parts: Number(parts),
    text: line.slice(heading.length),
  }
}

/**
 * Reassembles frames of many senders. For each frame, returns the value it completes, if any, and whether frames of
 * that sender were lost before it.
 */
export function assembler(): (frame: Frame) => { value?: unknown; lost: boolean } {
  // `pieces` is null when no more are expected: the batch is complete, or began before this process listened.
  // Processes come and go; those heard least recently are dropped.
  const heard = new LRUCache<string, { batch: number; pieces: string[] | null }>({ max: maxSenders })

  function piecesWith({ from, batch, part, text }: Frame): { pieces: string[] | null; lost: boolean } {
    const known = heard.get(from)
    if (part === 0)
      return { pieces: [text], lost: known !== undefined && (known.pieces !== null || batch !== known.batch + 1) }
    if (known?.batch !== batch) return { pieces: null, lost: known !== undefined }
    if (known.pieces?.length !== part) return { pieces: null, lost: known.pieces !== null }
    return { pieces: [...known.pieces, text], lost: false }
  }

  return (frame) => {
    const { pieces, lost } = piecesWith(frame)
    const isWhole = pieces?.length === frame.parts
    heard.set(frame.from, { batch: frame.batch, pieces: isWhole ? null : pieces })
    return isWhole ? { value: JSON.parse(pieces.join("")) as unknown, lost } : { lost }
  }
}
const maxSenders = 1000
