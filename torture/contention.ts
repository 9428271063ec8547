import path from "node:path"
import Database from "better-sqlite3"

import { aModel, client, runConcurrently, tally } from "./client"
import { anInstallation, serve } from "./installation"
import { found, type Trial } from "./trial"

const duplicates: Trial = {
  name: "64 simultaneous duplicates",
  async run({ duplicates }) {
    const { folder, alice } = await anInstallation()
    const server = await serve(folder)
    const ask = client(server.url, alice.token, 64)
    let wrong = 0
    const bodies = new Set<string>()
    for (let n = 0; n < duplicates; n++) {
      const answers = await Promise.all(
        Array.from({ length: 64 }, () => ask("POST", "/v1/models", { body: aModel("alice", `same-${n}`) })),
      )
      if (tally(answers.map(({ status }) => status)) !== "201 ×1, 409 ×63") wrong++
      for (const { status, text } of answers) if (status === 409) bodies.add(text)
    }
    ask.end()
    await server.stop()
    return found(`${duplicates} rounds of 64: ${duplicates - wrong} with exactly one 201; ${bodies.size} kind of 409`, {
      "not exactly one was created": wrong > 0,
      "the refusals differ": bodies.size !== 1,
    })
  },
}

const limit: Trial = {
  name: "256 creates for one place",
  async run() {
    const { folder, alice } = await anInstallation()
    const server = await serve(folder, { env: { MODELS_PER_ACCOUNT: "1000" } })
    const ask = client(server.url, alice.token, 64)
    await runConcurrently(
      64,
      (n) => n < 999,
      (n) => ask("POST", "/v1/models", { body: aModel("alice", `m${n}`) }),
    )
    const answers = await Promise.all(
      Array.from({ length: 256 }, (_, n) => ask("POST", "/v1/models", { body: aModel("alice", `last-${n}`) })),
    )
    ask.end()
    await server.stop()
    const db = new Database(path.join(folder, "understudy.db"), { readonly: true })
    const rows = db.prepare("select count(*) from models").pluck().get() as number
    db.close()
    const outcome = tally(answers.map(({ status }) => status))
    return found(`999 models and 256 creates: ${outcome}; ${rows} models`, {
      "not exactly one more": outcome !== "201 ×1, 403 ×255" || rows !== 1000,
    })
  },
}

const idempotency: Trial = {
  name: "one Idempotency-Key × 64",
  async run() {
    const { folder, alice } = await anInstallation()
    const server = await serve(folder)
    const ask = client(server.url, alice.token, 64)
    const answers = await Promise.all(
      Array.from({ length: 64 }, () =>
        ask("POST", "/v1/models", { body: aModel("alice", "once"), headers: { "idempotency-key": "the-same-key" } }),
      ),
    )
    ask.end()
    await server.stop()
    const db = new Database(path.join(folder, "understudy.db"), { readonly: true })
    const rows = db.prepare("select count(*) from models").pluck().get() as number
    db.close()
    const different = new Set(answers.map(({ status, text }) => `${status} ${text}`)).size
    return found(`${tally(answers.map(({ status }) => status))}; ${different} different answer, ${rows} row`, {
      "not one answer": different !== 1,
      "not one row": rows !== 1,
    })
  },
}

export const contention = [duplicates, limit, idempotency]
