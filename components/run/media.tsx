/** Only files of this server are shown: the page's policy lets no other address load. */
export const isFile = (value: unknown): value is string =>
  typeof value === "string" && /^https?:\/\/[^/\s]+\/files\/\S+$/.test(value)

/** How browsers show a file, by its ending. */
export const kindOf = (url: string) => {
  const ending = /\.(\w+)(?:\?|$)/.exec(url)?.[1]?.toLowerCase() ?? ""
  if (/^(png|jpe?g|gif|webp|avif|bmp)$/.test(ending)) return "image"
  if (/^(wav|mp3|ogg|oga|flac|m4a|opus)$/.test(ending)) return "audio"
  if (/^(mp4|webm|mov|m4v)$/.test(ending)) return "video"
  return "file"
}

/** The last part of a file's address, as it was called. */
export const fileName = (url: string): string => {
  const last = new URL(url).pathname.split("/").at(-1) ?? "file"
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

/** The files of an output, wherever in it they are. */
export function filesIn(output: unknown): string[] {
  if (isFile(output)) return [output]
  if (typeof output !== "object" || output === null) return []
  return [...new Set(Object.values(output).flatMap(filesIn))]
}

/** A file that a model took or gave, played or shown where browsers can, and to download. */
export function Media({ url, of = "Output" }: { url: string; of?: "Input" | "Output" }) {
  const name = fileName(url)
  const kind = kindOf(url)
  return (
    <figure className="grid gap-2">
      {kind === "image" && <img src={url} alt={`${of}: ${name}`} className="max-h-120 max-w-full rounded-md" />}
      {kind === "audio" && (
        // What a model says has no captions of its own.
        // eslint-disable-next-line jsx-a11y/media-has-caption
        <audio controls src={url} aria-label={`${of}: ${name}`} className="w-full" />
      )}
      {kind === "video" && (
        // eslint-disable-next-line jsx-a11y/media-has-caption
        <video controls src={url} aria-label={`${of}: ${name}`} className="max-h-120 max-w-full rounded-md" />
      )}
      <figcaption>
        <a href={url} download={name} className="link font-mono text-sm wrap-anywhere">
          {`Download ${name}`}
        </a>
      </figcaption>
    </figure>
  )
}
