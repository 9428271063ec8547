/**
 * Milliseconds that a pattern gets for a value. One that takes longer is left to the server, which has a deadline too.
 */
const deadlineMs = 300
const longestValue = 20_000

type Question = { pattern: string; value: string; resolve: (matches: boolean) => void }

const questions: Question[] = []
const tooSlow = new Set<string>()
let worker: Worker | undefined
let isBusy = false

/** Whether a text matches a pattern of a schema, found out beside the page. True where that cannot be told. */
export function matchesPattern(pattern: string, value: string): Promise<boolean> {
  if (value.length > longestValue || typeof Worker === "undefined") return Promise.resolve(true)
  return new Promise((resolve) => {
    questions.push({ pattern, value, resolve })
    void answerNext()
  })
}

async function answerNext() {
  if (isBusy) return
  const question = questions.shift()
  if (!question) return
  isBusy = true
  question.resolve(tooSlow.has(question.pattern) || (await answer(question)))
  isBusy = false
  void answerNext()
}

async function answer({ pattern, value }: Question): Promise<boolean> {
  const asked = worker ?? (await started())
  if (!asked) return true
  asked.postMessage({ pattern, value })
  const matches = await messageOf(asked, deadlineMs)
  if (typeof matches === "boolean") return matches
  tooSlow.add(pattern)
  asked.terminate()
  worker = undefined
  return true
}

/** A worker that has loaded, which does not count against a pattern. */
async function started(): Promise<Worker | undefined> {
  try {
    worker = new Worker("/match-pattern.js")
    if ((await messageOf(worker, 10_000)) === "ready") return worker
    worker.terminate()
  } catch {
    // Without workers the server checks alone.
  }
  worker = undefined
  return undefined
}

/** The next message of a worker; undefined if there is none in time. */
const messageOf = (from: Worker, ms: number): Promise<unknown> =>
  new Promise((resolve) => {
    const listening = new AbortController()
    const settle = (value?: unknown) => {
      clearTimeout(timer)
      listening.abort()
      resolve(value)
    }
    const timer = setTimeout(settle, ms)
    from.addEventListener("message", ({ data }) => settle(data), listening)
    from.addEventListener("error", () => settle(), listening)
  })
