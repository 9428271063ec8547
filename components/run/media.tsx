/** Whether a value looks like the URL of a file on this server; our Content Security Policy blocks all others. */
export const isFile = (value: unknown): value is string =>
  typeof value === "string" && /^https?:\/\/[^/\s]+\/files\/\S+$/.test(value)

/** How to show a file, judged by its extension. */
export const kindOf = (url: string) => {
  const ending = /\.(\w+)(?:\?|$)/.exec(url)?.[1]?.toLowerCase() ?? ""
  if (/^(png|jpe?g|gif|webp|avif|bmp)$/.test(ending)) return "image"
  if (/^(wav|mp3|ogg|oga|flac|m4a|opus)$/.test(ending)) return "audio"
  if (/^(mp4|webm|mov|m4v)$/.test(ending)) return "video"
  return "file"
}

/** The name of a file: the last segment of its URL, decoded. */
export const fileName = (url: string): string => {
  const last = new URL(url).pathname.split("/").at(-1) ?? "file"
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

/** The URLs of all files in an output, at any depth. */
export function filesIn(output: unknown): string[] {
  if (isFile(output)) return [output]
  if (typeof output !== "object" || output === null) return []
  return [...new Set(Object.values(output).flatMap(filesIn))]
}

/** An input or output file: shown or played if browsers support it, with a download link. */
export function Media({ url, of = "Output" }: { url: string; of?: "Input" | "Output" }) {
  const name = fileName(url)
  const kind = kindOf(url)
  return (
    <figure className="grid gap-2">
      {kind === "image" && <img src={url} alt={`${of}: ${name}`} className="max-h-120 max-w-full rounded-md" />}
      {kind === "audio" && (
        // Outputs of models have no captions.
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
