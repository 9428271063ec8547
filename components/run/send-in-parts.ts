import { percentOf, transfer, unanswered, type Progress, type Sent } from "./send-file"

/** Bytes. Parts are as large as the server accepts, and smaller on bad connections. */
const largestPart = 8 * 1024 * 1024
const smallestPart = 512 * 1024
/** The longest pause between attempts, and the time without success after which the upload fails, in milliseconds. */
const longestPause = 15_000
const patience = 30 * 60_000

type Answer = { status: number; body: { id?: string; arrived?: number; url?: string; detail?: string } | null }

/**
 * Uploads a large file in parts. Resumes after a lost connection, and when the same file is chosen again later, even on
 * another page.
 */
export async function sendInParts(file: File, progress: Progress): Promise<Sent> {
  const key = `upload:${file.name}:${file.size}:${file.lastModified}`
  let id = localStorage.getItem(key)
  let arrived: number | undefined
  if (id) {
    const known = await ask("GET", `/api/web/uploads/${id}`)
    if (known?.status === 200) arrived = known.body?.arrived
  }
  if (!id || arrived === undefined) {
    const { name: filename, type, size } = file
    const started = await ask("POST", "/api/web/uploads", JSON.stringify({ filename, type, size }))
    if (!started?.body?.id) return { detail: started?.body?.detail ?? unanswered.detail }
    id = started.body.id
    arrived = 0
    localStorage.setItem(key, started.body.id)
  }
  const answer = await sendParts(`/api/web/uploads/${id}`, file, arrived, progress)
  // An upload that can be resumed keeps its ID.
  if ("url" in answer || !answer.later) localStorage.removeItem(key)
  return answer
}

async function sendParts(
  url: string,
  file: File,
  start: number,
  progress: Progress,
): Promise<{ url: string } | { detail: string; later?: true }> {
  let [arrived, size, failures, lastSuccess] = [start, largestPart, 0, Date.now()]
  for (;;) {
    const from = arrived
    progress(percentOf(from, file.size), failures > 0)
    const answer =
      from < file.size
        ? await transfer("PATCH", `${url}?start=${from}`, file.slice(from, from + size), (sent) =>
            progress(percentOf(from + Math.min(sent, size), file.size), false),
          )
        : await ask("POST", url)
    const { status, body } = (answer as Answer | null) ?? { status: 0, body: null }
    if (body?.url) return { url: body.url }
    if (status === 200 && body?.arrived !== undefined) {
      arrived = body.arrived
      size = Math.min(largestPart, size * 2)
      failures = 0
      lastSuccess = Date.now()
      continue
    }
    const refused = status >= 400 && status < 500 && ![408, 409, 429].includes(status)
    if (refused) return { detail: body?.detail ?? unanswered.detail }
    if (Date.now() - lastSuccess > patience)
      return { detail: "The connection is lost. Choose the file again, and it goes on where it was.", later: true }
    failures++
    size = Math.max(smallestPart, size / 2)
    progress(percentOf(from, file.size), true)
    await pause(Math.min(longestPause, 500 * 2 ** Math.min(failures, 6)))
    const now = await ask("GET", url)
    if (now?.status === 200 && now.body?.arrived !== undefined) arrived = now.body.arrived
  }
}

/** Null without a response. */
const ask = (method: string, url: string, body?: string): Promise<Answer | null> =>
  fetch(url, { method, body, cache: "no-store" }).then(
    async (response) => ({ status: response.status, body: await response.json().catch(() => null) }),
    () => null,
  )

/** Waits, but no longer than until the browser is online again. */
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      removeEventListener("online", end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    addEventListener("online", end)
  })
