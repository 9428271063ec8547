import { Webhook } from "standardwebhooks"

import { freePort } from "@/scripts/postgres.mjs"
import { client, sleep, tally, type Client } from "./client"
import { anInstallation, forget, serve } from "./installation"
import { aReceiver, isOver, modelsOf, predicting, queryOf } from "./predictions"
import { found, type Trial } from "./trial"

const path = "/v1/deployments/alice/torture"
/** Alternates between two releases: changing the hardware makes a release with its own instances. */
const hardware = ["cpu-small", "cpu"] as const

type Shown = { serving_release: number; current_release: { number: number }; rollout: { state: string } }
type Live = { pool: string; state: string }
type Row = { id: string; status: string; error: string | null; files: number }

/** The deployment once `is` holds; undefined if that takes more than two minutes. */
async function until(ask: Client, is: (shown: Shown) => boolean): Promise<Shown | undefined> {
  for (let waited = 0; waited < 480; waited++) {
    const answer = await ask("GET", path).catch(() => undefined)
    const shown = answer?.status === 200 ? (JSON.parse(answer.text) as Shown) : undefined
    if (shown && is(shown)) return shown
    await sleep(250)
  }
  return undefined
}

/**
 * kill -9 of the server at a random moment of each rollout, while predictions arrive. Each run writes a file, so that
 * running a prediction twice is noticed.
 */
const deaths: Trial = {
  name: "kill -9 in a rollout",
  async run({ deaths }) {
    // Half as many, because each rollout takes longer than a kill in other trials.
    const rounds = Math.ceil(deaths / 2)
    const { folder, alice } = await anInstallation()
    const receiver = await aReceiver()
    const port = await freePort()
    const start = () => serve(folder, { port, env: { ...predicting, RUN_CPUS: "24", RUN_MEMORY: "96" } })
    let server = await start()
    const ask = client(server.url, alice.token, 8)
    const query = queryOf(folder)
    const fields = { model: "understudy/speak", version: "latest", min_instances: 1, max_instances: 2 }
    let created = 0
    for (let waited = 0; created !== 200 && waited < 60; waited++, await sleep(500))
      created = (await ask("POST", "/v1/deployments", { body: { name: "torture", hardware: hardware[0], ...fields } }))
        .status

    const accepted: string[] = []
    const answers: (number | string)[] = []
    let goOn = true
    const load = (async () => {
      for (let n = 0; goOn; n++) {
        const body = {
          input: { text: `Number ${n}.` },
          webhook: receiver.url,
          webhook_events_filter: ["completed"],
        }
        const answer = await ask("POST", `${path}/predictions`, { body }).catch(() => undefined)
        answers.push(answer?.status ?? "cut")
        if (answer?.status === 201) accepted.push(JSON.parse(answer.text).id)
        await sleep(150 + Math.random() * 150)
      }
    })()

    const caught: string[] = []
    const complaints: string[] = []
    for (let round = 1; round <= rounds; round++) {
      const released = await ask("PATCH", path, { body: { hardware: hardware[round % 2] } })
      if (released.status !== 200) complaints.push(`release ${released.status}`)
      await sleep(Math.random() * 3000)
      const [before] = query<{ rollout: string }>("select rollout from deployments")
      caught.push(before!.rollout)
      await server.stop("SIGKILL")
      server = await start()
      const number = round + 1
      const shown = await until(
        ask,
        ({ rollout, serving_release }) => rollout.state === "done" && serving_release === number,
      )
      if (!shown) complaints.push(`release ${number} does not serve`)
    }
    goOn = false
    await load

    const unfinished = () => query("select 1 from predictions where completed_at is null").length
    const owed = () => query("select 1 from deliveries where next_attempt_at is not null").length
    const [serving] = query<{ pool: string }>(
      "select pool from releases join deployments on deployments.id = deployment_id where number = serving",
    )
    const live = () => query<Live>("select pool, state from instances where stopped_at is null")
    const old = () => live().filter(({ pool }) => pool !== serving!.pool)
    for (let waited = 0; waited < 120 && unfinished() + owed() + old().length > 0; waited++) await sleep(1000)
    const [oldOnes, servingNow] = [old().length, live().length - old().length]
    const processes = modelsOf(folder).length

    const secret = JSON.parse((await ask("GET", "/v1/webhooks/default/secret")).text).key
    const told = new Map<string, Set<string>>()
    for (const { headers, body } of receiver.sent) {
      new Webhook(secret).verify(body, headers)
      const { id } = JSON.parse(body) as { id: string }
      told.set(id, (told.get(id) ?? new Set()).add(headers["webhook-id"]!))
    }
    await ask("POST", `${path}/disable`)
    for (let waited = 0; waited < 60 && live().length > 0; waited++) await sleep(500)
    const afterwards = live().length
    ask.end()
    await server.stop()
    await sleep(1000)
    const left = modelsOf(folder).length
    receiver.close()

    const rows = query<Row>(
      "select id, status, error, (select count(*) from files where files.prediction = predictions.number and kind = 'output') as files from predictions",
    )
    const interrupted = rows.filter(({ error }) => error?.startsWith("Prediction interrupted"))
    forget(folder)
    return found(
      `${rounds} rollouts, killed while ${tally(caught)}; ${accepted.length} of ${answers.length} accepted: ${tally(rows.map(({ status }) => status))}, ${interrupted.length} interrupted; ${servingNow} instances of what serves, ${oldOnes} of the releases before`,
      {
        [complaints.join(", ")]: complaints.length > 0,
        "it was not created": created !== 200,
        "a running server refused one": answers.some((answer) => answer !== 201 && answer !== "cut"),
        "accepted ones are gone": accepted.some((id) => !rows.some((row) => row.id === id)),
        "some are not over": rows.some(({ status }) => !isOver(status)),
        "one failed that was not interrupted": rows.some(
          (row) => row.status !== "succeeded" && !interrupted.includes(row),
        ),
        "some ran to completion twice": rows.some(({ files }) => files > 1),
        "some ended twice": [...told.values()].some((ids) => ids.size > 1),
        "instances of an old release are left": oldOnes > 0,
        "nothing serves": servingNow === 0,
        [`${processes} model processes for ${servingNow} instances`]: processes !== servingNow + oldOnes,
        "instances are left after it was disabled": afterwards > 0,
        [`${left} model processes are left`]: left > 0,
        "nothing succeeded": !rows.some(({ status }) => status === "succeeded"),
      },
    )
  },
}

export const deployments = [deaths]
