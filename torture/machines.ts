import { createServer, request as send } from "node:http"
import type { AddressInfo } from "node:net"
import postgres from "postgres"

import { hiddenValuesOf } from "@/e2e/plain-form"
import { networkTo } from "@/lib/test/network"
import { startPostgres } from "@/scripts/postgres.mjs"
import { aModel, client, runConcurrently, sleep, tally } from "./client"
import { aFolder, serve } from "./installation"
import { CannotTry, found, type Trial } from "./trial"

/**
 * A round-robin load balancer; a request that one server did not accept goes to the next, if there was no response yet
 * and repeating it is harmless.
 */
function balancer(ports: number[]) {
  let turn = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk) => chunks.push(chunk)).on("end", () => attempt(0))
    function attempt(tries: number) {
      const port = ports[turn++ % ports.length]!
      const onward = send(
        { port, host: "127.0.0.1", method: request.method, path: request.url, headers: request.headers },
        (answer) => {
          response.writeHead(answer.statusCode!, answer.headers)
          answer.pipe(response)
          answer.once("error", () => response.destroy())
        },
      )
      onward.once("error", (error: NodeJS.ErrnoException) => {
        if (tries < 3 && !response.headersSent && (error.code === "ECONNREFUSED" || request.method === "GET"))
          return attempt(tries + 1)
        response.destroy()
      })
      onward.end(Buffer.concat(chunks))
    }
  })
  return new Promise<{ url: string; stop(): void }>((resolve) =>
    server.listen(0, "127.0.0.1", () =>
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        stop: () => (server.closeAllConnections(), void server.close()),
      }),
    ),
  )
}

const together: Trial = {
  name: "two machines, one PostgreSQL",
  async run() {
    const database = await startPostgres()
    if (!database) throw new CannotTry("PostgreSQL is not installed")
    const sql = postgres(database.url, { max: 2, onnotice: () => {} })
    try {
      const env = { DATABASE_URL: database.url, MODELS_PER_ACCOUNT: "300" }
      // Both migrate the empty database at once.
      const [one, two] = await Promise.all([serve(aFolder(), { env }), serve(aFolder(), { env })])
      const accounts = await accountsOn(database.url)
      const portOf = ({ url }: { url: string }) => Number(new URL(url).port)
      const front = await balancer([portOf(one), portOf(two)])
      const ask = client(front.url, accounts.alice, 32)

      const race = await Promise.all(
        Array.from({ length: 64 }, () => ask("POST", "/v1/models", { body: aModel("alice", "raced") })),
      )
      const once = await Promise.all(
        Array.from({ length: 64 }, () =>
          ask("POST", "/v1/models", { body: aModel("alice", "once"), headers: { "idempotency-key": "the-same" } }),
        ),
      )
      const [{ secrets }] =
        (await sql`select count(*)::int as secrets from settings where name = 'AUTH_SECRET'`) as unknown as [
          { secrets: number },
        ]

      // One is killed under load; no acknowledged create is lost.
      const acknowledged: string[] = []
      const load = runConcurrently(
        16,
        (n) => n < 150,
        async (n) => {
          const answer = await ask("POST", "/v1/models", { body: aModel("alice", `m${n}`) }).catch(() => undefined)
          if (answer?.status === 201) acknowledged.push(`m${n}`)
        },
      )
      await sleep(300)
      await two.stop("SIGKILL")
      await load
      const names = new Set((await sql`select name from models`).map(({ name }) => name as string))
      const lost = acknowledged.filter((name) => !names.has(name)).length

      // Another one replaces it; the limit holds across both.
      const third = await serve(aFolder(), { env, port: portOf(two) })
      const rest = await Promise.all(
        Array.from({ length: 340 }, (_, n) =>
          ask("POST", "/v1/models", { body: aModel("alice", `rest-${n}`) }).catch(() => undefined),
        ),
      )
      const [{ models }] =
        (await sql`select count(*)::int as models from models m join owners o on o.id = m.owner_id where o.username = 'alice'`) as unknown as [
          { models: number },
        ]

      // A revoked token is rejected by both servers from the next request on.
      const [direct, other] = [client(one.url, accounts.bob, 2), client(third.url, accounts.bob, 2)]
      const before = [(await direct("GET", "/v1/account")).status, (await other("GET", "/v1/account")).status]
      await sql`update tokens set revoked_at = '2020-01-01T00:00:00.000000Z' where owner_id = (select id from owners where username = 'bob')`
      const after = [(await direct("GET", "/v1/account")).status, (await other("GET", "/v1/account")).status]

      // A browser that signs in through the load balancer is signed in at both, and one server shows a push to the
      // other.
      const cookie = await signedIn(front.url, "alice")
      const known = await Promise.all(
        [one, third].map(
          async ({ url }) => (await fetch(`${url}/account`, { headers: { cookie }, redirect: "manual" })).status,
        ),
      )
      const shownAfter = await watchAPush(one.url, third.url, cookie, accounts.alice)
      for (const each of [ask, direct, other]) each.end()
      front.stop()
      await Promise.all([one.stop(), third.stop()])
      const limited = await shareALimit(database.url, accounts.alice)

      const codes = (answers: ({ status: number } | undefined)[]) =>
        tally(answers.map((answer) => answer?.status ?? "cut"))
      return found(
        `migrated at once; name race ${codes(race)}; one key ${codes(once)}; one killed: ${acknowledged.length} acknowledged, ${lost} lost; limit 300: ${models} models (${codes(rest)}); revoked ${before} → ${after}; signed in ${known}; a push to the other machine shown after ${shownAfter?.toFixed(0)} ms; a limit of 60 let ${limited} of 200 through`,
        {
          "the name race": codes(race) !== "201 ×1, 409 ×63",
          "the idempotency key": codes(once) !== "201 ×64" || new Set(once.map(({ text }) => text)).size !== 1,
          "acknowledged creates were lost": lost > 0,
          "the limit": models !== 300 || rest.some((answer) => (answer?.status ?? 500) >= 500),
          revocation: String(before) !== "200,200" || String(after) !== "401,401",
          "the secret is not shared": secrets !== 1,
          "a session is not shared": String(known) !== "200,200",
          "a push to the other machine is not shown": shownAfter === undefined,
          "the rate limit is not exact": limited !== 60,
        },
      )
    } finally {
      await sql.end()
      await database.stop()
    }
  },
}

const password = "correct horse battery"

/** The cookie of a browser that signed in through the form. */
export async function signedIn(url: string, username: string): Promise<string> {
  const page = await fetch(`${url}/signin`)
  const form = new FormData()
  for (const [name, value] of Object.entries({ ...hiddenValuesOf(await page.text(), "Sign in"), username, password }))
    form.set(name, value)
  const answer = await fetch(`${url}/signin`, {
    method: "POST",
    body: form,
    headers: { origin: url },
    redirect: "manual",
  })
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0]!)
    .join("; ")
}

/**
 * The delay between the arrival of a layer at one server and its display on a page of the other; undefined if it is not
 * shown.
 */
async function watchAPush(
  shownBy: string,
  takenBy: string,
  cookie: string,
  token: string,
): Promise<number | undefined> {
  const leave = new AbortController()
  const stream = await fetch(`${shownBy}/api/web/pushes/alice/raced`, { headers: { cookie }, signal: leave.signal })
  if (!stream.ok) return undefined
  const authorization = `Basic ${Buffer.from(`alice:${token}`).toString("base64")}`
  const began = await fetch(`${takenBy}/v2/alice/raced/blobs/uploads/`, { method: "POST", headers: { authorization } })
  const sent = performance.now()
  const pushed = fetch(`${takenBy}${began.headers.get("location")}`, {
    method: "PATCH",
    headers: { authorization, "content-type": "application/octet-stream" },
    body: Buffer.alloc(300_000, 1),
  })
  const late = setTimeout(() => leave.abort(), 10_000)
  let seen = ""
  try {
    for await (const chunk of stream.body!) {
      seen += Buffer.from(chunk).toString()
      if (/"bytes":300000\b/.test(seen)) return performance.now() - sent
    }
  } catch {
    return undefined
  } finally {
    clearTimeout(late)
    leave.abort()
    await pushed
  }
}

/** How many of 200 requests, spread over two seconds and two servers, pass a limit of 60 per minute. */
async function shareALimit(url: string, token: string): Promise<number> {
  const env = { DATABASE_URL: url, RATE_LIMIT_PER_MINUTE: "60" }
  const machines = [await serve(aFolder(), { env }), await serve(aFolder(), { env })]
  const asks = machines.map((machine) => client(machine.url, token, 4))
  let through = 0
  for (let n = 0; n < 200; n++) {
    if ((await asks[n % 2]!("GET", "/v1/account")).status === 200) through++
    await sleep(10)
  }
  for (const ask of asks) ask.end()
  await Promise.all(machines.map((machine) => machine.stop()))
  return through
}

/** Created by the command line, because this process uses SQLite. */
export async function accountsOn(url: string): Promise<{ alice: string; bob: string }> {
  const { execFile } = await import("node:child_process")
  const { promisify } = await import("node:util")
  const folder = aFolder()
  const cli = async (...args: string[]) =>
    (
      await promisify(execFile)(
        process.execPath,
        ["--import", "tsx", "--conditions=react-server", "scripts/cli.ts", ...args],
        { env: { ...process.env, DATA_DIR: folder, DATABASE_URL: url } },
      )
    ).stdout.trim()
  const tokenOf = async (name: string) => {
    await cli("user", "add", name, "--password", password)
    return cli("token", "issue", name, "--name", "torture")
  }
  return { alice: await tokenOf("alice"), bob: await tokenOf("bob") }
}

const silent: Trial = {
  name: "PostgreSQL falls silent",
  async run() {
    const database = await startPostgres()
    if (!database) throw new CannotTry("PostgreSQL is not installed")
    const network = await networkTo(database.url)
    try {
      const server = await serve(aFolder(), { env: { DATABASE_URL: network.url } })
      const { alice } = await accountsOn(database.url)
      const ask = client(server.url, alice, 4)
      const isHealthy = (await ask("GET", "/v1/models")).status === 200
      network.down()
      const asked = performance.now()
      const { status } = await ask("GET", "/v1/models")
      const waited = (performance.now() - asked) / 1000
      network.up()
      let back = 0
      while ((await ask("GET", "/v1/models")).status !== 200 && ++back < 50) await sleep(200)
      network.down()
      const began = performance.now()
      await server.stop("SIGTERM")
      const lasted = (performance.now() - began) / 1000
      ask.end()
      return found(
        `${status} after ${waited.toFixed(0)} s, 200 again after ${((back * 200) / 1000).toFixed(1)} s; gone ${lasted.toFixed(0)} s after SIGTERM`,
        {
          "it did not answer before": !isHealthy,
          "a read was not refused": status !== 503 || waited > 40,
          "it did not recover": back >= 50,
          "it did not end in time": lasted > 29,
        },
      )
    } finally {
      network.close()
      await database.stop()
    }
  },
}

export const machines = [together, silent]
