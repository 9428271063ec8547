/** Milliseconds to match a value. Slower patterns are left to the server, which has a time limit as well. */
const deadlineMs = 300
const longestValue = 20_000

type Question = { pattern: string; value: string; resolve: (matches: boolean) => void }

const questions: Question[] = []
const tooSlow = new Set<string>()
let worker: Worker | undefined
let isBusy = false

/** Whether a value matches a schema's pattern, tested in a worker. True if that cannot be determined. */
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

/** Starts the worker and waits until it has loaded, so that loading does not count towards a pattern's deadline. */
async function started(): Promise<Worker | undefined> {
  try {
    worker = new Worker("/match-pattern.js")
    if ((await messageOf(worker, 10_000)) === "ready") return worker
    worker.terminate()
  } catch {
    // Without a worker, only the server checks patterns.
  }
  worker = undefined
  return undefined
}

/** The next message of a worker; undefined after `ms` or an error. */
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
