import { createHash, randomBytes } from "node:crypto"
import { createServer, request as ask, type IncomingHttpHeaders, type Server } from "node:http"
import type { AddressInfo } from "node:net"

import { buildRegistry } from "@/app/v2/registry"

export const sha256 = (content: string | Buffer): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`

type Sent = { auth?: string; headers?: Record<string, string>; body?: string | Buffer; chunked?: boolean }
export type Answered = {
  status: number
  headers: IncomingHttpHeaders
  text: string
  bytes: Buffer
  code?: string
  message?: string
}

/** Starts the registry on a free port, with a client that speaks plain HTTP. */
export async function aRegistry() {
  const registry = await buildRegistry()
  const server: Server = createServer(registry.routing)
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready))
  const { port } = server.address() as AddressInfo

  function call(method: string, path: string, { auth, headers = {}, body, chunked }: Sent = {}): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const length =
        body === undefined
          ? {}
          : chunked
            ? { "transfer-encoding": "chunked" }
            : { "content-length": String(Buffer.byteLength(body)) }
      const request = ask(
        {
          port,
          host: "127.0.0.1",
          method,
          path,
          agent: false,
          headers: { ...(auth && { authorization: auth }), ...length, ...headers },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on("data", (chunk: Buffer) => chunks.push(chunk))
          response.on("end", () => {
            const bytes = Buffer.concat(chunks)
            const text = bytes.toString()
            const error = text.startsWith('{"errors"') ? JSON.parse(text).errors[0] : {}
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              text,
              bytes,
              code: error.code,
              message: error.message,
            })
          })
        },
      )
      request.on("error", reject)
      request.end(body)
    })
  }

  return {
    call,
    origin: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
      await registry.close()
    },
  }
}

export type Registry = Awaited<ReturnType<typeof aRegistry>>

export const basic = (username: string, token: string): string =>
  `Basic ${Buffer.from(`${username}:${token}`).toString("base64")}`

/** Uploads a blob in one piece and returns its digest. */
export async function pushBlob(
  { call }: Registry,
  repository: string,
  auth: string,
  content: string | Buffer,
): Promise<string> {
  const digest = sha256(content)
  const begun = await call("POST", `/v2/${repository}/blobs/uploads/`, { auth })
  const { status, text } = await call("PUT", `${begun.headers.location}?digest=${digest}`, { auth, body: content })
  if (status !== 201) throw new Error(`${status} ${text}`)
  return digest
}

export const aSchema = (properties: object = { prompt: { type: "string", title: "Prompt", "x-order": 0 } }) => ({
  openapi: "3.0.2",
  info: { title: "Cog", version: "0.1.0" },
  components: {
    schemas: { Input: { type: "object", title: "Input", properties }, Output: { type: "string", title: "Output" } },
  },
})

export const cogLabels = (more: Record<string, string> = {}): Record<string, string> => ({
  "run.cog.version": "0.16.12",
  "run.cog.openapi_schema": JSON.stringify(aSchema()),
  "run.cog.config": JSON.stringify({ build: { gpu: false }, predict: "predict.py:Predictor" }),
  "run.cog.push_id": randomBytes(8).toString("hex"),
  ...more,
})

export const formats = {
  oci: {
    manifest: "application/vnd.oci.image.manifest.v1+json",
    config: "application/vnd.oci.image.config.v1+json",
    layer: "application/vnd.oci.image.layer.v1.tar+gzip",
    index: "application/vnd.oci.image.index.v1+json",
  },
  docker: {
    manifest: "application/vnd.docker.distribution.manifest.v2+json",
    config: "application/vnd.docker.container.image.v1+json",
    layer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
    index: "application/vnd.docker.distribution.manifest.list.v2+json",
  },
} as const

/** Builds an image of one layer: its parts, its manifest and the manifest's digest. */
export function anImage({
  labels = cogLabels(),
  format = "oci",
  layer = randomBytes(1000),
  platform = { architecture: "amd64", os: "linux" },
  manifest: more = {},
}: {
  labels?: Record<string, string>
  format?: keyof typeof formats
  layer?: Buffer
  /** Fields of the image configuration. */
  platform?: object
  /** Additional fields of the manifest. */
  manifest?: object
} = {}) {
  const types = formats[format]
  const config = JSON.stringify({
    ...platform,
    config: { Labels: labels },
    rootfs: { type: "layers", diff_ids: [sha256(layer)] },
  })
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: sha256(config), size: config.length },
    layers: [{ mediaType: types.layer, digest: sha256(layer), size: layer.length }],
    ...more,
  })
  return { config, layer, manifest, digest: sha256(manifest), type: types.manifest }
}

/** Pushes an image as `docker push` does, and returns the last response. */
export async function pushImage(
  registry: Registry,
  repository: string,
  auth: string,
  image = anImage(),
  reference = "latest",
) {
  await pushBlob(registry, repository, auth, image.layer)
  await pushBlob(registry, repository, auth, image.config)
  return registry.call("PUT", `/v2/${repository}/manifests/${reference}`, {
    auth,
    headers: { "content-type": image.type },
    body: image.manifest,
  })
}
