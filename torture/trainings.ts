import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import Database from "better-sqlite3"

import { freePort } from "@/scripts/postgres.mjs"
import { client, sleep, tally } from "./client"
import { anInstallation, forget, serve } from "./installation"
import { found, type Trial } from "./trial"

const trainingsPerRound = 3
const csv = readFileSync("lib/test/examples/tickets.csv", "utf8")
/** Different examples for each training, so that each produces different weights. */
const examples = (n: number) =>
  `data:text/csv;base64,${Buffer.from(`${csv.trimEnd()}\nnumber ${n} is a very special one,bug\n`).toString("base64")}`

type Row = { id: string; status: string; output: string | null; error: string | null; destination: string }
type Trained = { model: string; training: string; blob: string; start: number; size: number; sha256: string }

/** kill -9 of the server at random moments during trainings, every other time right after weights were stored. */
const deaths: Trial = {
  name: "kill -9 while training",
  async run({ deaths: rounds }) {
    const { folder, alice } = await anInstallation()
    const port = await freePort()
    const start = () =>
      serve(folder, {
        port,
        env: {
          RUN_BUNDLED: "on",
          RUN_CPUS: "6",
          RUN_MEMORY: "16",
          PREDICTION_RATE_LIMIT_PER_MINUTE: "0",
          PREDICTION_READ_RATE_LIMIT_PER_MINUTE: "0",
        },
      })
    const query = <T>(sql: string): T[] => {
      const open = new Database(path.join(folder, "understudy.db"), { readonly: true, timeout: 10_000 })
      try {
        return open.prepare(sql).all() as T[]
      } finally {
        open.close()
      }
    }
    const stored = () => query("select 1 from files where kind = 'output'").length

    let server = await start()
    const accepted: string[] = []
    const moments: string[] = []
    const ask = async (method: string, url: string, body?: object) => {
      const call = client(server.url, alice.token)
      try {
        const answer = await call(method, url, body ? { body } : {})
        return { status: answer.status, body: JSON.parse(answer.text) }
      } finally {
        call.end()
      }
    }
    let version = ""
    for (let waited = 0; !version && waited < 60; waited++) {
      const model = await ask("GET", "/v1/models/understudy/classify-text")
      version = model.body.latest_version?.id ?? ""
      if (!version) await sleep(500)
    }

    for (let round = 0; round < rounds; round++) {
      const before = stored()
      for (let n = 0; n < trainingsPerRound; n++) {
        const name = `destination-${round}-${n}`
        await ask("POST", "/v1/models", { owner: "alice", name, visibility: "private", hardware: "cpu-small" })
        const { status, body } = await ask(
          "POST",
          `/v1/models/understudy/classify-text/versions/${version}/trainings`,
          {
            destination: `alice/${name}`,
            input: { examples: examples(round * trainingsPerRound + n), epochs: 5 + n * 20 },
          },
        )
        if (status === 201) accepted.push(body.id)
      }
      if (round % 2 === 0) {
        for (let waited = 0; stored() === before && waited < 6000; waited++) await sleep(5)
        await sleep(Math.random() * 60)
        moments.push("after weights")
      } else {
        await sleep(Math.random() * 4000)
        moments.push("any")
      }
      await server.stop("SIGKILL")
      server = await start()
    }
    const left = () => query("select 1 from predictions where completed_at is null").length
    for (let waited = 0; waited < 180 && left() > 0; waited++) await sleep(1000)
    await server.stop()

    const rows = query<Row>("select id, status, output, error, destination from predictions where operation = 'train'")
    const versions = query<Trained>(
      `select owners.username || '/' || models.name as model, json_extract(trained, '$.training') as training,
       json_extract(trained, '$.weights.blob') as blob, json_extract(trained, '$.weights.start') as start,
       json_extract(trained, '$.weights.size') as size, json_extract(trained, '$.weights.sha256') as sha256
       from versions join models on models.id = versions.model_id join owners on owners.id = models.owner_id where trained is not null`,
    )
    const blobs = new Map(
      query<{ digest: string; file: string }>(
        "select distinct blobs.digest, blobs.file from blobs join model_blobs on model_blobs.digest = blobs.digest",
      ).map(({ digest, file }) => [digest, path.join(folder, "registry/blobs", file)]),
    )
    const files = new Map(
      query<{ secret: string; stored_as: string; size: number; sha256: string }>(
        "select secret, stored_as, size, sha256 from files where kind = 'output'",
      ).map((file) => [file.secret, file]),
    )
    const hasWeights = ({ blob, start, size, sha256 }: Trained) => {
      const file = blobs.get(blob)
      if (!file || !existsSync(file)) return false
      return (
        createHash("sha256")
          .update(readFileSync(file).subarray(start, start + size))
          .digest("hex") === sha256
      )
    }
    const lost = rows.filter(({ output }) => {
      const weights = output && (JSON.parse(output) as { weights?: string } | null)?.weights
      if (!weights) return false
      const file = files.get(weights.split("/")[2]!)
      const place = file && path.join(folder, "files", file.stored_as)
      return (
        !place || !existsSync(place) || createHash("sha256").update(readFileSync(place)).digest("hex") !== file.sha256
      )
    })
    const succeeded = rows.filter(({ status }) => status === "succeeded")
    const of = (id: string) => versions.filter(({ training }) => training === id)
    const weightless = versions.filter((one) => !hasWeights(one))
    forget(folder)
    return found(
      `${rounds} rounds (${tally(moments)}), ${accepted.length} trainings: ${tally(rows.map(({ status }) => status))}, ${versions.length} versions`,
      {
        "accepted ones are gone": accepted.some((id) => !rows.some((row) => row.id === id)),
        "some are not over": rows.some(({ status }) => !["succeeded", "failed", "canceled"].includes(status)),
        "a version has no weights": weightless.length > 0,
        "weights are lost": lost.length > 0,
        "one that succeeded has not exactly one version": succeeded.some(({ id }) => of(id).length !== 1),
        "one that did not succeed has a version": rows.some(
          ({ id, status }) => status !== "succeeded" && of(id).length > 0,
        ),
        "its output names another version": succeeded.some(
          ({ id, output, destination }) =>
            of(id)[0]?.model !== destination ||
            !(JSON.parse(output!) as { version: string }).version.startsWith(`${destination}:`),
        ),
        "nothing succeeded": succeeded.length === 0,
      },
    )
  },
}

export const trainings = [deaths]
