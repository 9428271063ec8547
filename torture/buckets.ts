import { createHash, randomBytes } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { request as send } from "node:http"
import { join } from "node:path"
import sharp from "sharp"

import { anImage, skopeo, skopeoPath } from "@/e2e/images"
import { startPostgres } from "@/scripts/postgres.mjs"
import { makeBucket, startS3 } from "@/lib/test/s3.mjs"
import { aModel, client, sleep, type Answer } from "./client"
import { aFolder, forget, serve, type Running } from "./installation"
import { accountsOn, signedIn } from "./machines"
import { CannotTry, found, type Trial } from "./trial"

const megabyte = 1 << 20
const sha256 = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`

const shared: Trial = {
  name: "two machines, one bucket",
  async run() {
    const database = await startPostgres()
    if (!database) throw new CannotTry("PostgreSQL is not installed")
    const store = await startS3()
    if (!store) {
      await database.stop()
      throw new CannotTry("Swift is not installed")
    }
    const folders = [aFolder(), aFolder(), aFolder()]
    const images = aFolder()
    try {
      await makeBucket(store.env, "torture")
      const env = { DATABASE_URL: database.url, ...store.env, S3_BUCKET: "torture" }
      const [one, two] = [await serve(folders[0]!, { env }), await serve(folders[1]!, { env })]
      const { alice } = await accountsOn(database.url)
      const authorization = `Basic ${Buffer.from(`alice:${alice}`).toString("base64")}`
      const api = client(two.url, alice, 4)
      await api("POST", "/v1/models", { body: aModel("alice", "shared") })

      // The first part of a layer goes to one server, where the connection breaks; the rest to the other.
      const layer = randomBytes(50 * megabyte)
      const began = await ask(one, authorization, "POST", "/v2/alice/shared/blobs/uploads/")
      const place = String(began.headers.location)
      await cutOff(one, authorization, place, layer.subarray(0, 30 * megabyte))
      const kept = await settled(two, authorization, place)
      const rest = await ask(two, authorization, "PATCH", place, layer.subarray(kept), {
        "content-range": `${kept}-${layer.length - 1}`,
      })
      const finished = await ask(two, authorization, "PUT", `${place}?digest=${sha256(layer)}`)
      const pulled = await fetch(`${two.url}/v2/alice/shared/blobs/${sha256(layer)}`, { headers: { authorization } })
      const same = sha256(Buffer.from(await pulled.arrayBuffer())) === sha256(layer)

      // A server is killed in the middle of a layer, and the other one continues.
      const second = String((await ask(one, authorization, "POST", "/v2/alice/shared/blobs/uploads/")).headers.location)
      const hanging = hang(one, authorization, second, layer.subarray(0, 45 * megabyte))
      await waitFor(async () => (await settledNow(two, authorization, second)) >= 32 * megabyte)
      await one.stop("SIGKILL")
      hanging.destroy()
      const left = await settledNow(two, authorization, second)
      await ask(two, authorization, "PATCH", second, layer.subarray(left), {
        "content-range": `${left}-${layer.length - 1}`,
      })
      const survived = await ask(two, authorization, "PUT", `${second}?digest=${sha256(layer)}`)
      const three = await serve(folders[2]!, { env })

      // A real client pushes to one server and pulls from the other.
      let clients = "skopeo is not installed"
      let went = true
      if (skopeoPath) {
        const image = await anImage(join(images, "image"), { layers: [20_000_000, 1000] })
        const host = (machine: Running) => new URL(machine.url).host
        const pushed = await skopeo([
          "copy",
          "--dest-tls-verify=false",
          "--dest-creds",
          `alice:${alice}`,
          `oci:${join(images, "image")}`,
          `docker://${host(two)}/alice/shared:latest`,
        ])
        const fetched = await skopeo([
          "copy",
          "--src-tls-verify=false",
          "--src-creds",
          `alice:${alice}`,
          `docker://${host(three)}/alice/shared:latest`,
          `dir:${join(images, "back")}`,
        ])
        went =
          pushed.code === 0 &&
          fetched.code === 0 &&
          sha256(readFileSync(join(images, "back", "manifest.json"))) === image.digest
        clients = went ? "skopeo pushed to one and pulled from the other" : `skopeo: ${pushed.stderr} ${fetched.stderr}`
      }

      // A cover uploaded to one is served by the other.
      const cookie = await signedIn(two.url, "alice")
      const form = new FormData()
      form.set(
        "cover",
        new Blob([
          new Uint8Array(
            await sharp({ create: { width: 64, height: 64, channels: 3, background: "teal" } })
              .png()
              .toBuffer(),
          ),
        ]),
        "cover.png",
      )
      await fetch(`${two.url}/alice/shared/cover`, {
        method: "POST",
        body: form,
        headers: { cookie, accept: "application/json", origin: two.url },
      })
      const { cover_image_url } = JSON.parse((await api("GET", "/v1/models/alice/shared")).text) as {
        cover_image_url: string | null
      }
      const cover = await fetch(`${three.url}${new URL(cover_image_url ?? "/none", three.url).pathname}`)

      // The bucket becomes unavailable and recovers.
      await store.stop()
      const away = await ask(two, authorization, "POST", "/v2/alice/shared/blobs/uploads/")
      const noCover = await fetch(`${two.url}${new URL(cover_image_url ?? "/none", two.url).pathname}`)
      const reads = await api("GET", "/v1/models/alice/shared")
      await waitFor(async () => (await (await fetch(`${two.url}/readyz`)).text()).includes("files"))
      const ready = await fetch(`${two.url}/readyz`)
      await store.start()
      const again = await ask(two, authorization, "POST", "/v2/alice/shared/blobs/uploads/")
      const strays = folders.filter(
        (folder) => existsSync(join(folder, "registry")) || existsSync(join(folder, "uploads")),
      )
      api.end()
      await Promise.all([two.stop(), three.stop()])

      return found(
        [
          `50 MB: ${(kept / megabyte).toFixed(1)} of 30 kept after a cut`,
          `the rest to the other machine ${rest.status}, ${finished.status}`,
          `killed after ${(left / megabyte).toFixed(0)} MB, ended by the other ${survived.status}`,
          clients,
          `cover ${cover.status}`,
          `bucket away: push ${away.status}, Retry-After ${away.headers["retry-after"]}, cover ${noCover.status}, API ${reads.status}, ready ${ready.status}`,
          `back: ${again.status}`,
        ].join("; "),
        {
          "what arrived was lost": kept < 14 * megabyte || left < 32 * megabyte,
          "the other machine did not go on": rest.status !== 202 || finished.status !== 201 || survived.status !== 201,
          "the layer is another": !same,
          "a real client": !went,
          "the cover": cover.status !== 200 || cover.headers.get("content-type") !== "image/webp",
          "a bucket that is away":
            away.status !== 503 ||
            away.headers["retry-after"] !== "5" ||
            noCover.status !== 503 ||
            reads.status !== 200 ||
            ready.status !== 200,
          "the bucket came back": again.status !== 202,
          "files lie in a data folder": strays.length > 0,
        },
      )
    } finally {
      await store.stop()
      await database.stop()
      for (const folder of [...folders, images]) forget(folder)
    }
  },
}

function ask(
  machine: Running,
  authorization: string,
  method: string,
  path: string,
  raw?: Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const one = client(machine.url, null, 1)
  return one(method, path, { raw: raw ?? "", headers: { authorization, ...headers } }).finally(() => one.end())
}

/** Starts an upload that never ends. */
function hang(machine: Running, authorization: string, path: string, bytes: Buffer) {
  const request = send(machine.url + path, {
    method: "PATCH",
    agent: false,
    headers: { authorization, "content-length": bytes.length + 1 },
  })
  request.on("error", () => {})
  request.write(bytes)
  return request
}

async function cutOff(machine: Running, authorization: string, path: string, bytes: Buffer) {
  const request = hang(machine, authorization, path, bytes)
  await new Promise((resolve) => request.once("drain", resolve))
  request.destroy()
}

/** The size of an upload, read until two responses agree. */
async function settled(machine: Running, authorization: string, path: string): Promise<number> {
  let before = -1
  for (
    let now = await settledNow(machine, authorization, path);
    now !== before || now === 0;
    now = await settledNow(machine, authorization, path)
  ) {
    before = now
    await sleep(1000)
  }
  return before
}

async function settledNow(machine: Running, authorization: string, path: string): Promise<number> {
  const { headers } = await ask(machine, authorization, "GET", path)
  const end = Number(/^0-(\d+)$/.exec(String(headers.range))?.[1] ?? 0)
  return end === 0 ? 0 : end + 1
}

async function waitFor(happened: () => Promise<boolean>) {
  for (let n = 0; n < 300; n++) {
    if (await happened()) return
    await sleep(100)
  }
  throw new Error("It did not happen within half a minute.")
}

export const buckets = [shared]
