import { createHash, randomBytes } from "node:crypto"
import { Readable } from "node:stream"
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { getFile } from "@/lib/files/file"
import { appendPart, finishUpload, startUpload, uploadedBytes } from "@/lib/files/resumable"
import { asProblem } from "@/lib/problem"
import { anAccount } from "@/lib/test/factories"
import { sendInParts } from "./send-in-parts"

// Connects the browser's code to the server's verbs through a connection that tests can break.

let actor: Actor
/** Whether a request, or only its response, is lost. */
let line: (method: string, start: number) => "ok" | "lost" | "unanswered"
let asked: string[]

async function answerOf(method: string, url: string, body: Blob | string | undefined) {
  const [, id, start] = /\/uploads(?:\/(\w+))?(?:\?start=(\d+))?$/.exec(url)!
  asked.push(`${method} ${start ?? ""}`.trim())
  const state = line(method, Number(start ?? -1))
  if (state === "lost") return null
  try {
    const value =
      method === "PATCH"
        ? {
            arrived: await appendPart(
              actor,
              id!,
              Number(start),
              Readable.from([Buffer.from(await (body as Blob).arrayBuffer())]),
            ),
          }
        : method === "GET"
          ? { arrived: await uploadedBytes(actor, id!) }
          : id
            ? { url: `/v1/files/${(await finishUpload(actor, id)).id}` }
            : { id: await startUpload(actor, JSON.parse(body as string)) }
    return state === "unanswered" ? null : { status: 200, body: value }
  } catch (error) {
    const { status, detail } = asProblem(error)
    return { status, body: { detail } }
  }
}

class Request {
  upload = { addEventListener() {} }
  responseType = ""
  status = 0
  response: unknown
  #listeners: Record<string, () => void> = {}
  #asks = ["", ""] as [string, string]
  open(...asks: [string, string]) {
    this.#asks = asks
  }
  addEventListener(name: string, listener: () => void) {
    this.#listeners[name] = listener
  }
  send(body: Blob) {
    void answerOf(...this.#asks, body).then((answer) => {
      if (!answer) return this.#listeners.error?.()
      Object.assign(this, { status: answer.status, response: answer.body })
      return this.#listeners.load?.()
    })
  }
}

beforeAll(async () => {
  actor = (await anAccount()).actor
  vi.stubGlobal("XMLHttpRequest", Request)
  vi.stubGlobal("fetch", async (url: string, { method, body }: { method: string; body?: string }) => {
    const answer = await answerOf(method, url, body)
    if (!answer) throw new TypeError("Failed to fetch")
    return { status: answer.status, json: async () => answer.body }
  })
  vi.stubGlobal("addEventListener", () => {})
  vi.stubGlobal("removeEventListener", () => {})
})
afterAll(() => void vi.unstubAllGlobals())
beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  })
  line = () => "ok"
  asked = []
})

const content = randomBytes(20 * 1024 * 1024)
const file = () => new File([content], "weights.bin", { type: "application/octet-stream", lastModified: 1 })
const part = 8 * 1024 * 1024

async function expectWhole(sent: Awaited<ReturnType<typeof sendInParts>>) {
  expect(sent).toHaveProperty("url")
  const kept = await getFile(actor, (sent as { url: string }).url.split("/").at(-1)!)
  expect(kept.sha256).toBe(createHash("sha256").update(content).digest("hex"))
}

test("a large file is sent in parts, in order", async () => {
  const said: number[] = []
  await expectWhole(await sendInParts(file(), (percent) => said.push(percent)))
  expect(asked).toEqual(["POST", "PATCH 0", `PATCH ${part}`, `PATCH ${2 * part}`, "POST"])
  expect(said).toEqual([0, 40, 80, 100])
})

test("what did not arrive is sent again in smaller parts, and what did is not", { timeout: 60_000 }, async () => {
  let [breaks, waits] = [0, 0]
  line = (method, start) =>
    method === "PATCH" && start === part && breaks++ === 0
      ? "lost"
      : method === "PATCH" && start === part && breaks === 2
        ? "unanswered"
        : "ok"
  await expectWhole(await sendInParts(file(), (_percent, isWaiting) => void (waits += isWaiting ? 1 : 0)))
  expect(waits).toBeGreaterThan(0)
  // The second attempt arrived, only its answer did not.
  expect(asked.filter((one) => one === `PATCH ${part}`)).toHaveLength(2)
})

test("an answer that is lost at the end is asked for again", { timeout: 60_000 }, async () => {
  let ends = 0
  line = (method) => (method === "POST" && asked.length > 1 && ends++ === 0 ? "unanswered" : "ok")
  await expectWhole(await sendInParts(file(), () => {}))
  expect(ends).toBeGreaterThan(1)
})

test("the same file chosen again goes on where it was", { timeout: 60_000 }, async () => {
  const leave = new Error("the page was left")
  await expect(
    sendInParts(file(), (percent) => {
      if (percent >= 40) throw leave
    }),
  ).rejects.toBe(leave)
  asked = []
  await expectWhole(await sendInParts(file(), () => {}))
  expect(asked).toEqual(["GET", `PATCH ${part}`, `PATCH ${2 * part}`, "POST"])
})

test("a refusal ends it, and says why", async () => {
  const empty = new File([], "empty.bin", { lastModified: 1 })
  expect(await sendInParts(empty, () => {})).toEqual({ detail: expect.stringContaining("The file is empty.") })
})
