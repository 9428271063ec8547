/** The URL of an uploaded file, or why the upload failed. */
export type Sent = { url: string } | { detail: string }

/** Called during an upload with the percentage received and whether the connection is lost. */
export type Progress = (percent: number, waits: boolean) => void

/** Bytes. Larger files are sent in parts, so that uploads can resume after a lost connection. */
const wholeLimit = 16 * 1024 * 1024

export const unanswered = { detail: "No answer came from the server. Choose the file again." }

/** Uploads a file to this server. */
export async function sendFile(file: File, progress: Progress): Promise<Sent> {
  if (file.size > wholeLimit) return (await import("./send-in-parts")).sendInParts(file, progress)
  const answer = await transfer(
    "POST",
    `/api/web/files?${new URLSearchParams({ filename: file.name, type: file.type })}`,
    file,
    (sent) => progress(percentOf(sent, file.size), false),
  )
  return (answer?.body as Sent | null | undefined) ?? unanswered
}

export const percentOf = (sent: number, size: number): number => (size > 0 ? Math.floor((sent / size) * 100) : 0)

/** Sends a request with a body; null without a response. Not fetch(), which reports no upload progress. */
export function transfer(
  method: string,
  url: string,
  body: Blob,
  progress: (sent: number) => void,
): Promise<{ status: number; body: unknown } | null> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open(method, url)
    request.responseType = "json"
    request.upload.addEventListener("progress", ({ loaded }) => progress(loaded))
    request.addEventListener("load", () => resolve({ status: request.status, body: request.response as unknown }))
    request.addEventListener("error", () => resolve(null))
    request.send(body)
  })
}
