import path from "node:path"
import Database from "better-sqlite3"

import { aModel, client, runConcurrently, percentile, sleep } from "./client"
import { aFolder, anInstallation, forget, launch, serve } from "./installation"
import { found, type Trial } from "./trial"

const namesIn = (folder: string) => {
  const db = new Database(path.join(folder, "understudy.db"), { readonly: true })
  try {
    return {
      names: new Set(db.prepare("select name from models").pluck().all() as string[]),
      integrity: db.pragma("integrity_check", { simple: true }) as string,
    }
  } finally {
    db.close()
  }
}

/** kill -9 at a random moment during a thousand creates on 32 connections. */
const kills: Trial = {
  name: "kill -9 while creating",
  alone: true,
  async run({ kills }) {
    const { folder, alice } = await anInstallation()
    const acknowledged: string[] = []
    const starts: number[] = []
    let server = await serve(folder)
    // The promised time, or half more than a start currently takes on this machine.
    const allowed = Math.max(1.5, server.startSeconds * 1.5)
    for (let round = 0; round < kills; round++) {
      const ask = client(server.url, alice.token, 32)
      let killed = false
      const load = runConcurrently(
        32,
        (n) => n < 1000 && !killed,
        async (n) => {
          const name = `round-${round}-${n}`
          const answer = await ask("POST", "/v1/models", { body: aModel("alice", name) }).catch(() => undefined)
          if (answer?.status === 201) acknowledged.push(name)
        },
      )
      // On a busy machine, a round can end before its first create, so that every second one waits for it.
      const before = acknowledged.length
      for (let waited = 0; round % 2 === 0 && acknowledged.length === before && waited < 500; waited++) await sleep(10)
      await sleep(20 + Math.random() * 300)
      killed = true
      await server.stop("SIGKILL")
      await load
      ask.end()
      server = await serve(folder)
      starts.push(server.startSeconds)
    }
    await server.stop()
    const { names, integrity } = namesIn(folder)
    const lost = acknowledged.filter((name) => !names.has(name)).length
    forget(folder)
    return found(
      `${kills} rounds, ${acknowledged.length} acknowledged, ${lost} lost, integrity ${integrity}, back in ${percentile(starts, 0.5).toFixed(2)} s (p50), ${Math.max(...starts).toFixed(2)} s (longest)`,
      {
        "acknowledged creates were lost": lost > 0,
        "the database is damaged": integrity !== "ok",
        "nothing was created": acknowledged.length === 0,
        [`not back in ${allowed.toFixed(2)} s`]: percentile(starts, 0.5) > allowed,
      },
    )
  },
}

/** kill -9 at a random moment during the first start, which migrates. */
const interruptedMigrations: Trial = {
  name: "kill -9 while migrating",
  async run({ interruptions }) {
    let during = 0
    for (let round = 0; round < interruptions; round++) {
      const folder = aFolder()
      const { child, ended, log } = await launch(folder)
      const file = path.join(folder, "understudy.db")
      // From the moment the file appears, when the migration begins, until shortly after.
      while (!child.exitCode && !log().includes("ready") && !(await exists(file))) await sleep(1)
      await sleep(Math.random() * 25)
      child.kill("SIGKILL")
      await ended
      if (!log().includes("ready")) during++
      const server = await serve(folder)
      await server.stop()
      const { integrity } = namesIn(folder)
      if (integrity !== "ok") return found(`round ${round}: ${integrity}`, { "the database is damaged": true })
      forget(folder)
    }
    return found(`${interruptions} rounds, ${during} before the start was complete; every second start completed`, {})
  },
}

const exists = async (file: string) => (await import("node:fs")).existsSync(file)

export const crashes = [kills, interruptedMigrations]
