import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import * as fc from "fast-check"

import { formBodies, inputTexts, labelTexts, manifestTexts, markdownTexts, schemaTexts } from "@/lib/test/grammars"
import { aModel, client, sleep, tally, type Answer } from "./client"
import { addAccounts, anInstallation, serve } from "./installation"
import { addShown, shownName, type Shown } from "./shown"
import { found, type Trial } from "./trial"
import { slowestTurn, watchHealth } from "./watch-health"

/**
 * The budget of one request: a second of one core across all threads of the server, and this much memory on top of the
 * previous use.
 */
const maxMs = 1000
const maxMb = 50

/** Clock ticks per second of this Linux (`getconf CLK_TCK`). */
const tickMs = 10

/** CPU time of a process in milliseconds, across all threads, including those that have ended. */
function processMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ")
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

const memoryMb = (pid: number, what: "VmRSS" | "VmHWM") =>
  Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024

/** Resets the peak resident memory that Linux records. */
const forgetPeak = (pid: number) => writeFileSync(`/proc/${pid}/clear_refs`, "5")

/** The nth case. `again` generates different text with the same meaning, because identical text is cached. */
type Plan = (n: number, again: number) => Promise<Request[]>
const simple = '{"components":{"schemas":{"Input":{}}}}'
type Request = {
  method: string
  path: string
  body?: string
  headers?: Record<string, string>
  token?: string | null
}

/** A push that the quota refuses does not exercise the code to be measured. */
const isFull = ({ status, text }: Answer) => status === 403 && text.includes("has too many manifests")

/** Each account gets this many cases, so that its quota of manifests (512 MB) refuses none of them. */
const casesOfAccount = 200

/** Characters of the inputs of a batch. */
const longestBatch = 1_000_000

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`
const types = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
}

const cost: Trial = {
  name: "fuzz: what one request costs",
  alone: true,
  async run({ costs, seed }) {
    const { folder } = await anInstallation()
    const accounts = await addAccounts(folder, Math.max(1, Math.ceil(costs / casesOfAccount)))
    const shownOf = new Map<string, Shown>()
    for (const { username } of accounts) shownOf.set(username, await addShown(folder, username, seed))
    const server = await serve(folder, {
      env: { RUN_ENGINE: "off", STORAGE_PER_ACCOUNT_GB: "0" },
      node: ["--expose-gc", "--import", path.resolve("torture/collect.mjs")],
    })
    const pid = server.child.pid!
    const ask = client(server.url, null, 2)
    /**
     * The credentials and the model of the current account; `versions` are the pushed ones, whose pages are requested.
     */
    let token = ""
    let auth = ""
    let model = ""
    /** A model with large examples. */
    let shown = ""
    /** Its runs, and the session that sees them. */
    let ran: Shown
    let versions: string[] = []

    const sendOnce = (request: Request): Promise<Answer> =>
      ask(request.method, request.path, {
        raw: request.body,
        headers: request.headers,
        token: request.token === undefined ? token : request.token,
      }).catch((error: Error) => ({ status: 0, headers: {}, text: error.message, ms: 0 }))
    async function send(request: Request): Promise<Answer> {
      const answer = await sendOnce(request)
      // The server closes idle connections after some seconds, possibly while a request is on its way.
      return answer.status === 0 ? sendOnce(request) : answer
    }
    const registry = (method: string, rest: string, body?: string, type = "application/octet-stream"): Request => ({
      method,
      path: `/v2${model}${rest}`,
      body,
      headers: { authorization: auth, "content-type": type },
      token: null,
    })
    async function aBlob(content: string) {
      const digest = sha256(content)
      const { headers } = await send(registry("POST", "/blobs/uploads/"))
      await send({ ...registry("PUT", "", content), path: `${headers.location}?digest=${digest}` })
      return digest
    }
    const blobs = ["layer", "{}"].map(sha256)

    const subjects = Array.from({ length: 3 }, (_, n) => sha256(`subject ${n}`))
    const pick = <T>(values: T[], n: number) => values[n % values.length]!

    const views = (n: number): Request[] => {
      const [version, other] = [pick(versions, n), pick(versions, n >> 3)]
      const page = (path: string): Request => ({ method: "GET", path, token: null })
      const signedIn = (path: string): Request => ({ ...page(path), headers: { cookie: ran.cookie } })
      const large = pick(ran.large, n >> 4)
      return [
        page(model),
        page(`${model}/api`),
        page(`${model}/playground`),
        page(`${model}/versions`),
        page(`${model}.json`),
        page(`${model}.md`),
        page("/explore"),
        page("/explore.json"),
        page("/sitemap.xml"),
        page("/v1/search?query=fuzzed&limit=50"),
        page(shown),
        page(`${shown}/playground`),
        page(`${shown}/examples`),
        page(`${shown}.json`),
        page(`${shown}/api?example=${ran.example}`),
        page(`${shown}/playground?prediction=${ran.example}`),
        signedIn(`/p/${large}`),
        signedIn(`/p/${large}?preview=all`),
        signedIn(`${shown}/playground?prediction=${large}`),
        signedIn(`${shown}/api`),
        signedIn("/predictions"),
        signedIn(`/predictions/compare?a=${large}&b=${pick(ran.large, n)}`),
        signedIn("/batches"),
        signedIn(`/batches/${ran.batch}`),
        { method: "GET", path: "/v1/predictions" },
        { method: "GET", path: `/v1/models${shown}/examples` },
        { method: "GET", path: `/v1/models${model}` },
        { method: "GET", path: `/v1/models${model}/versions` },
        { method: "GET", path: `/v1/models${model}/readme` },
        { method: "QUERY", path: "/v1/models", body: "fuzzed", headers: { "content-type": "text/plain" }, token: null },
        registry("GET", "/tags/list"),
        registry("GET", `/referrers/${pick(subjects, n)}`),
        ...(version
          ? [
              page(`${model}/versions/${version}`),
              page(`${model}/versions/compare?from=${version}&to=${other}`),
              { method: "GET", path: `/v1/models${model}/versions/${version}` },
              registry("GET", `/manifests/sha256:${version}`),
            ]
          : []),
      ]
    }

    async function aVersion(labels: Record<string, unknown>, n: number, again: number): Promise<Request[]> {
      const content = JSON.stringify({
        architecture: "amd64",
        os: "linux",
        config: { Labels: labels },
        rootfs: { type: "layers", diff_ids: [] },
        created: `${n} ${again}`,
      })
      const config = { mediaType: types.config, digest: await aBlob(content), size: Buffer.byteLength(content) }
      const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: types.manifest,
        config,
        layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: blobs[0], size: 5 }],
      })
      pushed = sha256(manifest).slice("sha256:".length)
      return [registry("PUT", `/manifests/v${n % 20}`, manifest, types.manifest)]
    }
    /** The version that the next request pushes. */
    let pushed: string | undefined

    /** The manifests that every account starts with. */
    let manifests: string[] = []
    async function useAccount(account: { username: string; token: string }) {
      token = account.token
      auth = `Basic ${Buffer.from(`${account.username}:${token}`).toString("base64")}`
      model = `/${account.username}/fuzzed`
      shown = `/${account.username}/${shownName}`
      ran = shownOf.get(account.username)!
      versions = []
      const { status, text } = await ask("POST", "/v1/models", { token, body: aModel(account.username, "fuzzed") })
      if (status !== 201) throw new Error(`The model of ${account.username} was refused: ${text}`)
      for (const content of ["layer", "{}"]) await aBlob(content)
      for (const n of [0, 1, 2]) {
        await send((await aVersion({ "run.cog.openapi_schema": simple }, n, 0))[0]!)
        versions.push(pushed!)
      }
      manifests = versions.map((id) => `sha256:${id}`)
    }

    // Every page once, because Next loads its code on the first request.
    await useAccount(accounts[0]!)
    for (let round = 0; round < 3; round++) for (const view of views(round)) await send(view)
    await send({ method: "PATCH", path: `/v1/models${model}`, body: '{"readme":"# A"}' })

    const kinds: Record<string, { weight: number; plans: fc.Arbitrary<Plan> }> = {
      schema: {
        weight: 3,
        plans: schemaTexts.map((text) => (n, again) => aVersion({ "run.cog.openapi_schema": text }, n, again)),
      },
      labels: {
        weight: 1,
        plans: labelTexts.map(
          (labels) => (n, again) => aVersion({ "run.cog.openapi_schema": simple, ...labels }, n, again),
        ),
      },
      readme: {
        weight: 2,
        plans: markdownTexts.map((text) => async (_n, again) => {
          const readme = text + "\n".repeat(again)
          return [
            { method: "PATCH", path: `/v1/models${model}`, body: JSON.stringify({ readme }) },
            { method: "GET", path: model, token: null },
          ]
        }),
      },
      manifest: {
        weight: 3,
        plans: fc
          .tuple(manifestTexts({ subjects, blobs, manifests }), fc.nat({ max: 40 }))
          .map(([{ text, type }, tag]) => async (_n, again) => {
            const body = text + " ".repeat(again)
            return [registry("PUT", `/manifests/${tag > 20 ? sha256(body) : `t${tag}`}`, body, type)]
          }),
      },
      form: {
        weight: 1,
        plans: formBodies.map((body) => async () => [
          {
            method: "POST",
            path: "/signin",
            body,
            headers: { "content-type": "multipart/form-data; boundary=x", origin: server.url },
            token: null,
          },
        ]),
      },
      batch: {
        weight: 1,
        plans: fc.tuple(inputTexts, fc.integer({ min: 1, max: 1000 })).map(([input, times]) => async (n) => {
          const fitting = Math.max(1, Math.min(times, Math.floor(longestBatch / input.length)))
          const inputs = Array.from({ length: fitting }, () => input).join()
          const body = `{"version":${JSON.stringify(pick(versions, n))},"inputs":[${inputs}]}`
          return [{ method: "POST", path: "/v1/batches/estimate", body }]
        }),
      },
      input: {
        weight: 1,
        plans: inputTexts.map((input) => async (n) => [
          {
            method: "POST",
            path: "/v1/predictions",
            body: `{"version":${JSON.stringify(pick(versions, n))},"input":${input}}`,
          },
        ]),
      },
    }
    const anyCase = fc.record({
      plan: fc.oneof(
        ...Object.entries(kinds).map(([kind, { weight, plans }]) => ({
          weight,
          arbitrary: plans.map((plan) => ({ kind, plan })),
        })),
      ),
      view: fc.nat({ max: 1 << 20 }),
    })

    const health = watchHealth(server.url, pid)
    const most = { ms: 0, mb: 0, atMs: "", atMb: "" }
    const statuses: string[] = []
    const wrong: string[] = []
    let measured = 0

    /** Work that the server continues after its response counts as well. */
    let ended = { name: "the start", at: processMs(pid) }
    function judgeRest() {
      const ms = processMs(pid) - ended.at
      if (ms > maxMs) wrong.push(`${ended.name}: ${ms} ms more after its answer`)
    }

    /** Garbage is collected first, so that free heap hides nothing and leftovers of earlier requests do not count. */
    async function collect() {
      judgeRest()
      server.child.kill("SIGUSR2")
      await sleep(150)
      ended = { name: "collecting garbage", at: processMs(pid) }
    }

    async function measure(name: string, request: Request): Promise<{ answer: Answer; ms: number; mb: number }> {
      judgeRest()
      forgetPeak(pid)
      const [before, resident] = [processMs(pid), memoryMb(pid, "VmRSS")]
      const answer = await send(request)
      ended = { name, at: processMs(pid) }
      return { answer, ms: ended.at - before, mb: memoryMb(pid, "VmHWM") - resident }
    }

    async function judge(what: string, request: Request, repeat: (again: number) => Promise<Request>) {
      const name = `${what}: ${request.method} ${request.path.slice(0, 120)}`
      let { answer, ms, mb } = await measure(name, request)
      // Memory also grows when no garbage is collected, and time is spent collecting that of others: a case that costs
      // too much does so every time.
      for (let again = 1; again <= 3 && (ms > maxMs / 2 || mb > maxMb / 2) && answer.status !== 0; again++) {
        const next = await repeat(again)
        await collect()
        const other = await measure(name, next)
        ;[ms, mb] = [Math.min(ms, other.ms), Math.min(mb, other.mb)]
      }
      measured++
      if (ms > most.ms) Object.assign(most, { ms, atMs: name })
      if (mb > most.mb) Object.assign(most, { mb, atMb: name })
      statuses.push(`${what} ${answer.status}`)
      const failure =
        // Next responds with 500 to a form that imitates its own fields.
        answer.status === 0 || (answer.status >= 500 && what !== "form")
          ? `answered ${answer.status} ${answer.text.slice(0, 200)}`
          : isFull(answer)
            ? `refused for the account's quota: ${answer.text.slice(0, 200)}`
            : ms > maxMs
              ? `${ms} ms`
              : mb > maxMb
                ? `${mb.toFixed(0)} MB`
                : undefined
      if (failure)
        wrong.push(`${name}: ${failure}; ${(request.body ?? "").length} bytes ${request.body?.slice(0, 300)}`)
      return answer
    }

    const chunk = 50
    for (let at = 0; at < costs && server.child.exitCode === null && wrong.length < 20; at += chunk) {
      const count = Math.min(chunk, costs - at)
      if (at > 0 && at % casesOfAccount === 0) await useAccount(accounts[at / casesOfAccount]!)
      await collect()
      const cases = fc.sample(anyCase, { numRuns: count, seed: seed + at })
      for (const [
        index,
        {
          plan: { kind, plan },
          view,
        },
      ] of cases.entries()) {
        pushed = undefined
        for (const [step, request] of (await plan(at + index, 0)).entries()) {
          const name: string | undefined = pushed
          const { status } = await judge(kind, request, async (again) => (await plan(at + index, again))[step]!)
          pushed = name
          if (pushed && status === 201) {
            versions.push(pushed)
            // The newest, because tags move and unreferenced manifests are deleted.
            if (versions.length > 20) versions.shift()
          }
        }
        const looked = pick(views(view), view)
        await judge("view", looked, async () => looked)
      }
      if (costs > 1000 || process.env.SHOW)
        console.log(
          `  ${at + count} of ${costs}: at most ${most.ms} ms (${most.atMs}), ${most.mb.toFixed(0)} MB (${most.atMb}); /healthz ${health.slowestMs.toFixed(0)} ms by the clock`,
        )
    }
    await sleep(300)
    await health.stop()
    const alive = (await ask("GET", "/v1/account", { token }).catch(() => ({ status: 0 }))).status === 200
    ask.end()
    await server.stop()
    for (const line of wrong.slice(0, 20)) console.error(line)
    return found(
      `${costs} cases of ${accounts.length} accounts, ${measured} requests, seed ${seed}: at most ${most.ms} ms of processor (${most.atMs}) and ${most.mb.toFixed(0)} MB (${most.atMb}); ${health.figure()}; ${tally(statuses)}`,
      {
        [`${wrong.length} requests cost too much or failed`]: wrong.length > 0,
        "the loop was blocked": Math.max(health.slowestTurnMs, health.slowestQuietMs) > slowestTurn,
        "/healthz failed": health.failed > 0,
        "the server is gone": !alive,
      },
    )
  },
}

export const costs = [cost]
