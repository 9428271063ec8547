// How fast a large layer is pushed and pulled, against Node streaming the same bytes to and from disk with their SHA-256 and nothing else.
// `node bench/push.mjs [MB] [rounds]`; builds if stale.
import { execFileSync, spawn } from "node:child_process"
import { createHash, randomFillSync } from "node:crypto"
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { open, rm } from "node:fs/promises"
import { createServer, request as ask } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"

const batch = 1 << 20

/** PUT streams to a new file and is answered once that is safe; GET streams it back. */
function serveRaw(folder) {
  const server = createServer(async (incoming, response) => {
    const file = join(folder, `raw-${incoming.url.slice(1)}`)
    if (incoming.method === "DELETE") return void rm(file).then(() => response.end())
    if (incoming.method === "GET") return void pipeline(createReadStream(file, { highWaterMark: batch }), response).catch(() => {})
    const hash = createHash("sha256")
    await pipeline(incoming, (source) => hashing(source, hash), createWriteStream(file, { highWaterMark: batch }))
    const handle = await open(file, "r")
    await handle.sync()
    await handle.close()
    response.writeHead(201, { "docker-content-digest": `sha256:${hash.digest("hex")}` }).end()
  })
  server.requestTimeout = 0
  server.listen(0, "127.0.0.1", () => console.log(`ready at http://127.0.0.1:${server.address().port}`))
}

async function measure(megabytes, rounds) {
  const folder = mkdtempSync(join(tmpdir(), "understudy-bench-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  const [layer, back, data] = ["layer", "back", "data"].map((name) => join(folder, name))
  const digest = await write(layer, megabytes * batch)
  const raw = await start([import.meta.filename, "--raw", folder])
  const product = await start(["scripts/start.mjs"], { DATA_DIR: data, HOST: "127.0.0.1", PORT: "0", DATABASE_URL: "", LOG_LEVEL: "warn" })
  const cli = (...args) =>
    execFileSync(process.execPath, ["--import", "tsx", "--conditions=react-server", "scripts/cli.ts", ...args], { env: { ...process.env, DATA_DIR: data, DATABASE_URL: "" } }).toString().trim()
  try {
    cli("user", "add", "bench", "--password", "correct horse battery")
    const token = cli("token", "issue", "bench", "--name", "bench")
    const headers = { authorization: `Basic ${Buffer.from(`bench:${token}`).toString("base64")}` }

    const figures = { push: [], pull: [] }
    // The first round only warms up what the operating system keeps for files.
    for (let round = 0; round <= rounds; round++) {
      const repo = `bench/model-${round}`
      const model = JSON.stringify({ owner: "bench", name: `model-${round}`, visibility: "private", hardware: "cpu" })
      await expected(201, call(`${product.origin}/v1/models`, "POST", { headers: { authorization: `Bearer ${token}` }, text: model }))

      const sides = {
        raw: {
          push: () => expected(201, call(`${raw.origin}/${round}`, "PUT", { file: layer, size: megabytes * batch })),
          pull: () => expected(200, call(`${raw.origin}/${round}`, "GET", { into: back })),
        },
        ours: {
          async push() {
            const { headers: begun } = await expected(202, call(`${product.origin}/v2/${repo}/blobs/uploads/`, "POST", { headers }))
            await expected(202, call(product.origin + begun.location, "PATCH", { headers, file: layer, size: megabytes * batch }))
            return expected(201, call(`${product.origin}${begun.location}?digest=${digest}`, "PUT", { headers }))
          },
          pull: () => expected(200, call(`${product.origin}/v2/${repo}/blobs/${digest}`, "GET", { headers, into: back })),
        },
      }
      // Who goes first finds the machine as the other one left it, so that is each of them in turn.
      const order = round % 2 === 0 ? ["raw", "ours"] : ["ours", "raw"]
      for (const [what, rows] of Object.entries(figures)) {
        const took = {}
        for (const side of order) {
          const server = side === "raw" ? raw : product
          const before = server.processor()
          const { answer, seconds } = await timed(sides[side][what])
          if ((what === "push" ? answer.headers["docker-content-digest"] : answer.digest) !== digest) throw new Error(`What ${side} has is something else.`)
          took[side] = { seconds, processor: server.processor() - before }
        }
        if (round > 0) rows.push(took)
      }
      // Both write to a new file in every round, and nothing may be there already.
      await expected(200, call(`${raw.origin}/${round}`, "DELETE"))
      await expected(202, call(`${product.origin}/v2/${repo}/blobs/${digest}`, "DELETE", { headers }))
      cli("gc", "--older-than-hours", "0")
    }

    console.log(`${megabytes} MiB over loopback, ${rounds} rounds in turn; files are synced before the answer, both sides`)
    for (const [what, rows] of Object.entries(figures)) {
      const of = (side, figure) => median(rows.map((row) => row[side][figure]))
      const ratios = rows.map(({ raw, ours }) => (raw.seconds / ours.seconds).toFixed(2)).join(", ")
      console.log(
        `${what}: raw node:http ${rate(megabytes, of("raw", "seconds"))}, Understudy ${rate(megabytes, of("ours", "seconds"))}, ` +
          `ratio of the medians ${(of("raw", "seconds") / of("ours", "seconds")).toFixed(2)} (each round: ${ratios}); ` +
          `processor time of the server ${of("raw", "processor").toFixed(2)} s and ${of("ours", "processor").toFixed(2)} s`,
      )
    }
    console.log(`the server's largest resident memory: ${product.peak()}`)
  } finally {
    raw.stop()
    product.stop()
  }
}

const rate = (megabytes, seconds) => `${((megabytes * batch) / 1e6 / seconds).toFixed(0)} MB/s`
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]

async function timed(work) {
  const began = performance.now()
  const answer = await work()
  return { answer, seconds: (performance.now() - began) / 1000 }
}

async function expected(status, answering) {
  const answer = await answering
  if (answer.status !== status) throw new Error(`${answer.status} ${answer.text}`)
  return answer
}

async function* hashing(source, hash) {
  for await (const chunk of source) {
    hash.update(chunk)
    yield chunk
  }
}

async function write(file, size) {
  const hash = createHash("sha256")
  await pipeline(
    function* () {
      for (let left = size; left > 0; left -= batch) yield randomFillSync(Buffer.allocUnsafe(batch))
    },
    (source) => hashing(source, hash),
    createWriteStream(file),
  )
  return `sha256:${hash.digest("hex")}`
}

function call(url, method, { headers = {}, file, size, text = "", into } = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = ask(url, { method, agent: false, headers: { ...headers, "content-length": file ? size : Buffer.byteLength(text) } }, (response) => {
      const hash = createHash("sha256")
      let said = ""
      const read = async (source) => {
        for await (const chunk of source) said += chunk
      }
      const taken = into ? pipeline(response, (source) => hashing(source, hash), createWriteStream(into, { highWaterMark: batch })) : pipeline(response, read)
      taken.then(() => resolve({ status: response.statusCode, headers: response.headers, text: said, digest: `sha256:${hash.digest("hex")}` }), reject)
    })
    outgoing.on("error", reject)
    if (file) pipeline(createReadStream(file, { highWaterMark: batch }), outgoing).catch(reject)
    else outgoing.end(text)
  })
}

function start(args, env = {}) {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] })
  return new Promise((resolve, reject) => {
    child.once("close", () => reject(new Error("A server ended before it was ready.")))
    child.stdout.setEncoding("utf8").on("data", (said) => {
      const origin = /ready at (http:\/\/[\w.]+:\d+)/.exec(said)?.[1]
      if (!origin) return
      resolve({
        origin: origin.replace("localhost", "127.0.0.1"),
        stop: () => child.kill(),
        /** Seconds of processor time so far, in the kernel too. */
        processor: () => readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1].split(" ").slice(11, 13).reduce((sum, ticks) => sum + Number(ticks), 0) / 100,
        peak: () => execFileSync("sh", ["-c", `grep VmHWM /proc/${child.pid}/status || echo unknown`]).toString().replace(/\s+/g, " ").trim(),
      })
    })
  })
}

// Either server runs in a process of its own: a client must not share one thread with it.
if (process.argv[2] === "--raw") serveRaw(process.argv[3])
else await measure(Number(process.argv[2] || 1024), Number(process.argv[3] || 3))
