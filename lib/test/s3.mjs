// A temporary S3-compatible store for tests: OpenStack Swift in its own folder, on a free port, removed when this
// process ends.
import { spawn } from "node:child_process"
import { join } from "node:path"
import { root } from "../../scripts/prepare.mjs"
import { freePort } from "../../scripts/postgres.mjs"
import { findSwift } from "../../scripts/system.mjs"
import { temporaryFolder } from "../../scripts/temporary-folder.mjs"

const [key, secret] = ["tests:understudy", "a-secret-for-tests"]

/**
 * Null when Swift is not installed. `env` are the settings of an instance that uses it, but for a bucket. Stopped and
 * started again, it has what it had.
 * @returns {Promise<{ env: Record<string, string>, stop(): Promise<void>, start(): Promise<void> } | null>}
 */
export async function startS3() {
  const python = findSwift()
  if (!python) return null
  const folder = temporaryFolder("s3")
  const port = await freePort()
  /** @type {() => Promise<void>} */
  let stop = async () => {}
  const start = async () => void (stop = await serve(python, folder, port))
  await start()
  const env = {
    S3_ENDPOINT: `http://127.0.0.1:${port}`,
    S3_REGION: "us-east-1",
    S3_ACCESS_KEY_ID: key,
    S3_SECRET_ACCESS_KEY: secret,
    S3_FORCE_PATH_STYLE: "1",
  }
  return { env, start, stop: () => stop() }
}

/** Makes a bucket with those settings. @param {Record<string, string>} env @param {string} name */
export async function makeBucket(env, name) {
  const { CreateBucketCommand, S3Client } = await import("@aws-sdk/client-s3")
  const credentials = { accessKeyId: env.S3_ACCESS_KEY_ID ?? "", secretAccessKey: env.S3_SECRET_ACCESS_KEY ?? "" }
  const client = new S3Client({ endpoint: env.S3_ENDPOINT, region: env.S3_REGION, forcePathStyle: true, credentials })
  await client.send(new CreateBucketCommand({ Bucket: name }))
  client.destroy()
}

/** @param {string} python @param {string} folder @param {number} port @returns {Promise<() => Promise<void>>} */
async function serve(python, folder, port) {
  const server = spawn(python, [join(root, "lib/test/s3-server.py"), folder, String(port), key, secret], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  })
  const ended = new Promise((resolve) => server.once("close", resolve))
  let said = ""
  server.stdin.on("error", () => {})
  server.stderr.setEncoding("utf8").on("data", (text) => (said = (said + text).slice(-10_000)))
  await new Promise((resolve, reject) => {
    server.stdout.setEncoding("utf8").on("data", (text) => text.includes("ready") && resolve(undefined))
    server.once("error", reject)
    server.once("close", () => reject(new Error(`Swift did not start.\n${said}`)))
  })
  return async () => {
    server.stdin.end()
    await ended
  }
}
