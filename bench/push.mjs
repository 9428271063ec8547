// Compares pushing and pulling a large layer with Node streaming the same bytes to and from disk with their SHA-256 and
// nothing else. `node bench/push.mjs [MB] [rounds] [--s3]`; builds if stale. With --s3, also with the layer in an
// OpenStack Swift bucket, and with Swift alone.
import { execFileSync, spawn } from "node:child_process"
import { createHash, randomFillSync } from "node:crypto"
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { open, rm } from "node:fs/promises"
import { createServer, request as ask } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import { makeBucket, startS3 } from "../lib/test/s3.mjs"

const batch = 1 << 20

/** PUT streams to a new file and responds once it is synced; GET streams it back. */
function serveRaw(folder) {
  const server = createServer(async (incoming, response) => {
    const file = join(folder, `raw-${incoming.url.slice(1)}`)
    if (incoming.method === "DELETE") return void rm(file).then(() => response.end())
    if (incoming.method === "GET")
      return void pipeline(createReadStream(file, { highWaterMark: batch }), response).catch(() => {})
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

async function measure(megabytes, rounds, withBucket) {
  const folder = mkdtempSync(join(tmpdir(), "understudy-bench-"))
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  const [layer, back] = ["layer", "back"].map((name) => join(folder, name))
  const size = megabytes * batch
  const digest = await write(layer, size)
  const raw = await start([import.meta.filename, "--raw", folder])
  const ours = await product(join(folder, "data"))
  const sides = {
    "raw node:http": {
      server: raw,
      push: (round) => expected(201, call(`${raw.origin}/${round}`, "PUT", { file: layer, size })),
      pull: (round) => expected(200, call(`${raw.origin}/${round}`, "GET", { into: back })),
      clean: (round) => expected(200, call(`${raw.origin}/${round}`, "DELETE")),
    },
    Understudy: sideOf(ours, { layer, size, digest, back }),
  }
  const stores = withBucket ? await onBucket(folder, { layer, size, digest, back }) : undefined
  Object.assign(sides, stores?.sides)
  try {
    const figures = { push: [], pull: [] }
    const names = Object.keys(sides)
    // The first round only warms up the operating system's file cache.
    for (let round = 0; round <= rounds; round++) {
      for (const side of Object.values(sides)) await side.prepare?.(round)
      // The first one is affected by the previous round, so they take turns being first.
      const order = names.map((_, n) => names[(n + round) % names.length])
      for (const [what, rows] of Object.entries(figures)) {
        const took = {}
        for (const name of order) {
          const { server, [what]: work } = sides[name]
          const before = server?.processor() ?? 0
          const { answer, seconds } = await timed(() => work(round))
          if ((what === "push" ? answer.headers["docker-content-digest"] : answer.digest) !== digest)
            throw new Error(`What ${name} has is something else.`)
          took[name] = { seconds, processor: (server?.processor() ?? 0) - before }
        }
        if (round > 0) rows.push(took)
      }
      // Every round writes new files, so nothing may exist already.
      for (const side of Object.values(sides)) await side.clean(round)
    }

    console.log(`${megabytes} MiB over loopback, ${rounds} rounds in turn; files are synced before the answer`)
    for (const [what, rows] of Object.entries(figures))
      for (const name of names) {
        const of = (side, figure) => median(rows.map((row) => row[side][figure]))
        const ratios = rows.map((row) => (row["raw node:http"].seconds / row[name].seconds).toFixed(2)).join(", ")
        const ratio =
          name === "raw node:http"
            ? ""
            : `, ratio of the medians to raw ${(of("raw node:http", "seconds") / of(name, "seconds")).toFixed(2)} (each round: ${ratios})`
        const processor = sides[name].server
          ? `; processor time of the server ${of(name, "processor").toFixed(2)} s`
          : ""
        console.log(`${what}: ${name} ${rate(megabytes, of(name, "seconds"))}${ratio}${processor}`)
      }
    for (const [name, { server }] of Object.entries(sides))
      if (server && name !== "raw node:http") console.log(`the largest resident memory of ${name}: ${server.peak()}`)
  } finally {
    raw.stop()
    ours.stop()
    await stores?.stop()
  }
}

/** Understudy with a separate data folder and an account that can push. */
async function product(data, settings = {}) {
  const env = {
    NODE_ENV: "production",
    DATA_DIR: data,
    HOST: "127.0.0.1",
    PORT: "0",
    DATABASE_URL: "",
    RUN_BUNDLED: "off",
    LOG_LEVEL: "warn",
    S3_BUCKET: "",
    S3_ENDPOINT: "",
    S3_ACCESS_KEY_ID: "",
    S3_SECRET_ACCESS_KEY: "",
    ...settings,
  }
  const server = await start(["server.mjs"], env)
  const cli = (...args) =>
    execFileSync(process.execPath, ["--import", "tsx", "--conditions=react-server", "scripts/cli.ts", ...args], {
      env: { ...process.env, ...env },
    })
      .toString()
      .trim()
  cli("user", "add", "bench", "--password", "correct horse battery")
  return { ...server, cli, token: cli("token", "issue", "bench", "--name", "bench") }
}

function sideOf(server, { layer, size, digest, back }) {
  const { origin, token, cli } = server
  const headers = { authorization: `Basic ${Buffer.from(`bench:${token}`).toString("base64")}` }
  const repo = (round) => `bench/model-${round}`
  return {
    server,
    prepare(round) {
      const text = JSON.stringify({ owner: "bench", name: `model-${round}`, visibility: "private", hardware: "cpu" })
      return expected(201, call(`${origin}/v1/models`, "POST", { headers: { authorization: `Bearer ${token}` }, text }))
    },
    async push(round) {
      const { headers: begun } = await expected(
        202,
        call(`${origin}/v2/${repo(round)}/blobs/uploads/`, "POST", { headers }),
      )
      await expected(202, call(origin + begun.location, "PATCH", { headers, file: layer, size }))
      return expected(201, call(`${origin}${begun.location}?digest=${digest}`, "PUT", { headers }))
    },
    pull: (round) => expected(200, call(`${origin}/v2/${repo(round)}/blobs/${digest}`, "GET", { headers, into: back })),
    async clean(round) {
      await expected(202, call(`${origin}/v2/${repo(round)}/blobs/${digest}`, "DELETE", { headers }))
      cli("gc", "--older-than-hours", "0")
    },
  }
}

/** Understudy with a bucket, and the store alone, which is the upper limit for Understudy. */
async function onBucket(folder, { layer, size, digest, back }) {
  const store = await startS3()
  if (!store) throw new Error("Swift is not installed: apt-get install python3-swift.")
  await makeBucket(store.env, "bench")
  const { env } = store
  const server = await product(join(folder, "data-of-bucket"), { ...env, S3_BUCKET: "bench" })
  const sdk = await import("@aws-sdk/client-s3")
  const client = new sdk.S3Client({
    endpoint: env.S3_ENDPOINT,
    region: env.S3_REGION,
    forcePathStyle: true,
    credentials: { accessKeyId: env.S3_ACCESS_KEY_ID, secretAccessKey: env.S3_SECRET_ACCESS_KEY },
  })
  const at = { Bucket: "bench", Key: "bare" }
  const bare = {
    async push() {
      const { UploadId } = await client.send(new sdk.CreateMultipartUploadCommand(at))
      const Parts = Array.from({ length: Math.ceil(size / (16 * batch)) }, (_, n) => ({ PartNumber: n + 1, ETag: "" }))
      const file = await open(layer, "r")
      let next = 0
      const lane = async () => {
        while (next < Parts.length) {
          const part = Parts[next++]
          const { buffer, bytesRead } = await file.read(
            Buffer.allocUnsafeSlow(16 * batch),
            0,
            16 * batch,
            (part.PartNumber - 1) * 16 * batch,
          )
          part.ETag = (
            await client.send(
              new sdk.UploadPartCommand({
                ...at,
                UploadId,
                PartNumber: part.PartNumber,
                Body: buffer.subarray(0, bytesRead),
              }),
            )
          ).ETag
        }
      }
      await Promise.all([lane(), lane()])
      await file.close()
      await client.send(new sdk.CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }))
      return { headers: { "docker-content-digest": digest } }
    },
    async pull() {
      const hash = createHash("sha256")
      const { Body } = await client.send(new sdk.GetObjectCommand(at))
      await pipeline(Body, (source) => hashing(source, hash), createWriteStream(back, { highWaterMark: batch }))
      return { digest: `sha256:${hash.digest("hex")}` }
    },
    clean: () => client.send(new sdk.DeleteObjectCommand(at)),
  }
  const stop = async () => {
    server.stop()
    client.destroy()
    await store.stop()
  }
  return {
    sides: {
      "Understudy on a bucket": sideOf(server, { layer, size, digest, back }),
      "the bucket's store alone": bare,
    },
    stop,
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
    const outgoing = ask(
      url,
      { method, agent: false, headers: { ...headers, "content-length": file ? size : Buffer.byteLength(text) } },
      (response) => {
        const hash = createHash("sha256")
        let said = ""
        const read = async (source) => {
          for await (const chunk of source) said += chunk
        }
        const taken = into
          ? pipeline(response, (source) => hashing(source, hash), createWriteStream(into, { highWaterMark: batch }))
          : pipeline(response, read)
        taken.then(
          () =>
            resolve({
              status: response.statusCode,
              headers: response.headers,
              text: said,
              digest: `sha256:${hash.digest("hex")}`,
            }),
          reject,
        )
      },
    )
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
        /** CPU time so far in seconds, including the kernel. */
        processor: () =>
          readFileSync(`/proc/${child.pid}/stat`, "utf8")
            .split(") ")[1]
            .split(" ")
            .slice(11, 13)
            .reduce((sum, ticks) => sum + Number(ticks), 0) / 100,
        peak: () =>
          execFileSync("sh", ["-c", `grep VmHWM /proc/${child.pid}/status || echo unknown`])
            .toString()
            .replace(/\s+/g, " ")
            .trim(),
      })
    })
  })
}

// Each server runs in a separate process, because a client must not share its thread.
if (process.argv[2] === "--raw") serveRaw(process.argv[3])
else {
  const [megabytes = 1024, rounds = 3] = process.argv
    .slice(2)
    .filter((word) => word !== "--s3")
    .map(Number)
  await measure(megabytes, rounds, process.argv.includes("--s3"))
}
