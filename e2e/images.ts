import { execFile, type ExecFileOptions } from "node:child_process"
import { createHash, randomBytes, randomFillSync } from "node:crypto"
import { createWriteStream, existsSync } from "node:fs"
import { mkdir, rename, writeFile } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGzip } from "node:zlib"

export const onPath = (program: string) =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(existsSync)

/** Their paths, if installed: `npm test` installs them from Debian. Without root, buildah would need further setup. */
export const skopeoPath = onPath("skopeo")
export const buildahPath = process.getuid?.() === 0 ? onPath("buildah") : undefined
export const podmanPath = process.getuid?.() === 0 ? onPath("podman") : undefined

export type Ended = { code: number; stdout: string; stderr: string }

/** Runs skopeo and returns its output; errors are in `stderr`. */
export const skopeo = (args: string[], options: ExecFileOptions = {}): Promise<Ended> =>
  ended(skopeoPath!, ["--insecure-policy", ...args], options)

const ownStorage = (folder: string) => [
  "--root",
  join(folder, "storage"),
  "--runroot",
  join(folder, "run"),
  "--storage-driver",
  "vfs",
]

/** Runs buildah with separate storage in `folder`, in a way that also works in a container. */
export const buildah = (folder: string, args: string[]): Promise<Ended> =>
  ended(buildahPath!, [...ownStorage(folder), ...args])

/** Runs podman with separate storage in `folder`. */
export const podman = (folder: string, args: string[]): Promise<Ended> =>
  ended(podmanPath!, [...ownStorage(folder), "--events-backend", "none", "--cgroup-manager", "cgroupfs", ...args])

export function ended(program: string, args: string[], options: ExecFileOptions = {}, input?: string): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { maxBuffer: 64e6, ...options }, (error, stdout, stderr) =>
      resolve({
        code: error ? (typeof error.code === "number" ? error.code : 1) : 0,
        stdout: String(stdout),
        stderr: String(stderr),
      }),
    )
    if (input !== undefined) child.stdin!.end(input)
  })
}

const sha256 = (content: string | Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`

export const schema = {
  openapi: "3.0.2",
  info: { title: "Cog", version: "0.1.0" },
  components: {
    schemas: {
      Input: {
        type: "object",
        title: "Input",
        required: ["prompt"],
        properties: {
          prompt: { type: "string", title: "Prompt", description: "What to draw", "x-order": 0 },
          width: { type: "integer", title: "Width", minimum: 64, maximum: 1024, default: 512, "x-order": 1 },
          scheduler: { allOf: [{ $ref: "#/components/schemas/scheduler" }], default: "DDIM", "x-order": 2 },
        },
      },
      Output: { type: "array", items: { type: "string", format: "uri" }, title: "Output" },
      scheduler: { type: "string", title: "scheduler", enum: ["DDIM", "K_EULER"], description: "An enumeration." },
    },
  },
}

export const cogLabels = (more: Record<string, string> = {}): Record<string, string> => ({
  "run.cog.version": "0.16.12",
  "run.cog.openapi_schema": JSON.stringify(schema),
  "run.cog.config": JSON.stringify({ build: { gpu: false, python_version: "3.12" }, predict: "predict.py:Predictor" }),
  "run.cog.push_id": randomBytes(8).toString("hex"),
  "org.opencontainers.image.revision": "0123456789abcdef0123456789abcdef01234567",
  ...more,
})

/**
 * Writes an image as an OCI layout, with random layers of these sizes in bytes, and returns the folder and the digest
 * of its manifest.
 */
export async function anImage(
  folder: string,
  {
    layers = [1000],
    labels = cogLabels(),
    shared,
  }: { layers?: number[]; labels?: Record<string, string>; shared?: Layer } = {},
) {
  const blobs = join(folder, "blobs", "sha256")
  await mkdir(blobs, { recursive: true })
  const made: Layer[] = []
  for (const size of layers) made.push(await aLayer(folder, size))
  if (shared) {
    await writeFile(join(blobs, shared.digest.slice(7)), shared.content!)
    made.push(shared)
  }
  const keep = async (content: string) => {
    await writeFile(join(blobs, sha256(content).slice(7)), content)
    return { digest: sha256(content), size: Buffer.byteLength(content) }
  }
  const config = await keep(
    JSON.stringify({
      created: "2026-11-21T00:00:00Z",
      architecture: "amd64",
      os: "linux",
      config: { Labels: labels, Cmd: ["python", "-m", "cog.server.http"] },
      rootfs: { type: "layers", diff_ids: made.map(({ diff }) => diff) },
    }),
  )
  const manifest = await keep(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
      layers: made.map(({ digest, size }) => ({
        mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
        digest,
        size,
      })),
    }),
  )
  await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}')
  await writeFile(
    join(folder, "index.json"),
    JSON.stringify({
      schemaVersion: 2,
      manifests: [{ mediaType: "application/vnd.oci.image.manifest.v1+json", ...manifest }],
    }),
  )
  return { folder, ...manifest, layers: made, config }
}

/**
 * Writes an index of an image and its weights, as in Cog's bundles, and returns the digest of the weights' only layer.
 */
export async function aBundle(folder: string) {
  const image = await anImage(folder)
  const blobs = join(folder, "blobs", "sha256")
  const keep = async (content: string) => {
    await writeFile(join(blobs, sha256(content).slice(7)), content)
    return { digest: sha256(content), size: Buffer.byteLength(content) }
  }
  const mediaType = "application/vnd.oci.image.manifest.v1+json"
  const artifactType = "application/vnd.cog.weight.v1"
  const layer = await aLayer(folder, 500_000)
  const weights = await keep(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      artifactType,
      config: { mediaType: "application/vnd.cog.weight.config.v1+json", ...(await keep('{"name":"z"}')) },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: layer.digest, size: layer.size }],
      annotations: { "run.cog.weight.name": "z", "run.cog.weight.target": "/src/weights" },
    }),
  )
  const index = await keep(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [
        { mediaType, artifactType, ...weights, platform: { os: "unknown", architecture: "unknown" } },
        { mediaType, digest: image.digest, size: image.size, platform: { os: "linux", architecture: "amd64" } },
      ],
    }),
  )
  await writeFile(
    join(folder, "index.json"),
    JSON.stringify({
      schemaVersion: 2,
      manifests: [{ mediaType: "application/vnd.oci.image.index.v1+json", ...index }],
    }),
  )
  return { weights: layer.digest }
}

/** Writes the sources of an image: a random layer of this size in bytes, and a Dockerfile with these labels. */
export async function aContext(folder: string, bytes: number, labels = cogLabels()) {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, "weights"), randomBytes(bytes))
  const lines = Object.entries(labels).map(
    ([name, value]) => `LABEL ${name}=${JSON.stringify(value).replaceAll("$", "\\$")}`,
  )
  await writeFile(join(folder, "Dockerfile"), ["FROM scratch", "COPY weights /src/weights", ...lines, ""].join("\n"))
}

export type Layer = { digest: string; size: number; diff: string; content?: Buffer }

/** Random bytes with a gzip header, like every layer of a real image; streamed, so that a large one needs no memory. */
async function aLayer(folder: string, size: number): Promise<Layer> {
  const [plain, packed] = [createHash("sha256"), createHash("sha256")]
  const file = join(folder, randomBytes(6).toString("hex"))
  let written = 0
  async function* bytes() {
    for (let left = size; left > 0;) {
      const chunk = randomFillSync(Buffer.allocUnsafe(Math.min(left, 1 << 20)))
      left -= chunk.length
      plain.update(chunk)
      yield chunk
    }
  }
  await pipeline(
    Readable.from(bytes()),
    createGzip({ level: 0, chunkSize: 1 << 20 }),
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        packed.update(chunk)
        written += chunk.length
        yield chunk
      }
    },
    createWriteStream(file),
  )
  const digest = packed.digest("hex")
  await rename(file, join(folder, "blobs", "sha256", digest))
  return { digest: `sha256:${digest}`, size: written, diff: `sha256:${plain.digest("hex")}` }
}
