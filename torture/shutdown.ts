import { execFile } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { rmSync } from "node:fs"
import path from "node:path"
import { promisify } from "node:util"
import Database from "better-sqlite3"

import { aModel, client, runConcurrently, sleep, tally } from "./client"
import { aClock } from "./clock"
import { aFolder, anInstallation, serve, type Account } from "./installation"
import { found, type Trial } from "./trial"

const cli = (folder: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, ["--import", "tsx", "--conditions=react-server", "scripts/cli.ts", ...args], {
    env: { ...process.env, DATA_DIR: folder, DATABASE_URL: "" },
  })

const terminated: Trial = {
  name: "SIGTERM under load",
  alone: true,
  async run() {
    let [answered, refused] = [0, 0]
    const dropped: (string | number)[] = []
    let code: number | null = 0
    const lasted: number[] = []
    for (let round = 0; round < 3; round++) {
      const { folder, alice } = await anInstallation()
      const server = await serve(folder)
      const ask = client(server.url, alice.token, 32)
      let over = false
      const load = runConcurrently(
        32,
        () => !over,
        async (n) => {
          try {
            const { status } =
              n % 4 === 0
                ? await ask("POST", "/v1/models", { body: aModel("alice", `m${round}-${n}`) })
                : await ask("GET", n % 4 === 1 ? "/explore" : "/v1/models")
            if (status < 500) answered++
            else dropped.push(status)
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED") {
              refused++
              over = true
            } else dropped.push((error as NodeJS.ErrnoException).code ?? (error as Error).message)
          }
        },
      )
      await sleep(1500)
      const began = performance.now()
      // A terminal that is closed sends SIGHUP.
      code ||= await server.stop(round === 1 ? "SIGHUP" : "SIGTERM")
      lasted.push((performance.now() - began) / 1000)
      over = true
      await load
      ask.end()
    }
    return found(
      `3 rounds on 32 connections: ${answered} answered, ${dropped.length} dropped in flight${dropped.length > 0 ? ` (${tally(dropped)})` : ""}, ${refused} refused after the end; gone in ${Math.max(...lasted).toFixed(1)} s, exit code ${code}`,
      {
        "requests were dropped": dropped.length > 0,
        "it did not end cleanly": code !== 0,
      },
    )
  },
}

/** Pushes a layer; the returned function tells whether it can be pulled. */
async function aLayer(url: string, { username, token }: Account): Promise<() => Promise<string>> {
  const headers = { authorization: `Basic ${Buffer.from(`${username}:${token}`).toString("base64")}` }
  const content = randomBytes(300_000)
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`
  const blobs = `${url}/v2/${username}/pushed/blobs`
  const began = await fetch(`${blobs}/uploads/`, { method: "POST", headers })
  await fetch(`${url}${began.headers.get("location")}?digest=${digest}`, {
    method: "PUT",
    headers: { ...headers, "content-type": "application/octet-stream" },
    body: content,
  })
  return async () => {
    const answer = await fetch(`${blobs}/${digest}`, { headers })
    if (answer.status !== 200) return String(answer.status)
    return content.equals(Buffer.from(await answer.arrayBuffer())) ? "whole" : "different"
  }
}

const backups: Trial = {
  name: "backup and restore under load",
  async run() {
    const { folder, alice } = await anInstallation()
    const server = await serve(folder)
    const ask = client(server.url, alice.token, 16)
    await ask("POST", "/v1/models", { body: aModel("alice", "pushed") })
    const layer = await aLayer(server.url, alice)
    const acknowledged: string[] = []
    const failed: number[] = []
    let over = false
    const load = runConcurrently(
      16,
      () => !over,
      async (n) => {
        const name = `m${n}`
        const { status } = await ask("POST", "/v1/models", { body: aModel("alice", name) })
        if (status === 201) acknowledged.push(name)
        else failed.push(status)
      },
    )
    await sleep(500)
    const before = [...acknowledged]
    const file = path.join(aFolder(), "backup.db")
    await cli(folder, "backup", file)
    const after = acknowledged.length
    await sleep(200)
    over = true
    await load
    const db = new Database(file, { readonly: true })
    const names = new Set(db.prepare("select name from models").pluck().all() as string[])
    db.close()

    const kept = path.join(folder, "registry")
    rmSync(kept, { recursive: true })
    await cli(folder, "restore", file)
    const pulled = await layer()
    const shown = await ask("GET", `/v1/models/alice/${before[0]}`)
    const undone = acknowledged.find((name) => !names.has(name))
    const gone = undone ? (await ask("GET", `/v1/models/alice/${undone}`)).status : 404
    const created = await ask("POST", "/v1/models", { body: aModel("alice", "after-the-restore") })
    ask.end()
    await server.stop()
    const lost = before.filter((name) => !names.has(name)).length
    return found(
      `${before.length} acknowledged before, ${after - before.length} during, ${lost} of the former missing; creates refused meanwhile: ${tally(failed)}; restored while serving: ${shown.status}, ${gone}, ${created.status}; a layer that was lost: ${pulled}`,
      {
        "the backup lacks creates": lost > 0,
        "creates failed": failed.length > 0,
        "the restore is not in force": shown.status !== 200 || gone !== 404 || created.status !== 201,
        "the layer did not come back": pulled !== "whole",
      },
    )
  },
}

const clock: Trial = {
  name: "clock jumps of an hour",
  async run() {
    const { folder, alice } = await anInstallation()
    const { jump, env, by } = await aClock()
    const server = await serve(folder, { env: { ...env, RATE_LIMIT_PER_MINUTE: "100000" } })
    const ask = client(server.url, alice.token, 8)
    const answers: number[] = []
    const times: string[] = []
    const seen: string[] = []
    for (const [phase, seconds] of [0, 3600, 0, -3600, 0].entries()) {
      jump(seconds)
      await sleep(60)
      await runConcurrently(
        8,
        (n) => n < 60,
        async (n) => {
          const { status, text } = await ask("POST", "/v1/models", {
            body: aModel("alice", `phase-${phase}-${n}`),
            headers: { "idempotency-key": `key-${phase}-${n}` },
          })
          answers.push(status)
          if (status === 201) times.push(JSON.parse(text).created_at)
          answers.push((await ask("GET", "/v1/models")).status)
        },
      )
      seen.push(times.at(-1)!.slice(11, 16))
    }
    let cursor: string | null = "/v1/models"
    const listed: string[] = []
    while (cursor) {
      const page: { next: string | null; results: { name: string; created_at: string }[] } = JSON.parse(
        (await ask("GET", cursor.replace(server.url, ""))).text,
      )
      listed.push(...page.results.map(({ name }) => name))
      cursor = page.next
    }
    ask.end()
    await server.stop()
    const unexpected = answers.filter((status) => status !== 200 && status !== 201).length
    return found(
      `by ${by}, +1 h, back, −1 h, back (last create at ${seen.join(", ")}): ${answers.length} answers, ${unexpected} unexpected, ${listed.length} of 300 listed, ${new Set(times).size} different times`,
      {
        "a request failed": unexpected > 0,
        "a list has gaps or repeats": listed.length !== 300 || new Set(listed).size !== 300,
        "the clock did not jump": new Set(seen).size < 2,
      },
    )
  },
}

export const leaving = [terminated, backups, clock]
