// Run beside a test's own server, on its data: creates runs, batches, trials, examples and a sink in all states, and
// prints the cookie of their owner and the pages that show them. VIDEO may name a video to use as output.
import { readFileSync } from "node:fs"
import { encode } from "next-auth/jwt"
import { Readable } from "node:stream"
import sharp from "sharp"

import { eq } from "drizzle-orm"

import { closeDatabase, write } from "@/db"
import { predictions } from "@/db/schema"
import { authSecret } from "@/lib/auth/secret"
import { cancelBatch, listBatchRuns } from "@/lib/batches/batch"
import { createBatch, tryVersion } from "@/lib/batches/create"
import { advanceBatches } from "@/lib/batches/job"
import { now } from "@/lib/clock"
import { putOutput } from "@/lib/files/output"
import type { Model } from "@/lib/models/model"
import { actorFor, addUser } from "@/lib/owners/owner"
import { findOwnPool, updatePool } from "@/lib/pools/pool"
import { createPrediction } from "@/lib/predictions/create"
import { endPrediction, type Outcome } from "@/lib/predictions/end"
import { addExample } from "@/lib/predictions/example"
import { cancelPrediction, deletePrediction, getPrediction } from "@/lib/predictions/prediction"
import { removeExpiredData } from "@/lib/predictions/retention"
import type { Prediction } from "@/lib/predictions/row"
import { sharePrediction } from "@/lib/predictions/share"
import { openSession } from "@/lib/sessions/session"
import { aModel, aToken, aVersion } from "@/lib/test/factories"
import { anImage, aRegistry, basic, cogLabels, pushImage } from "@/lib/test/registry"
import { openSink, receive } from "@/lib/webhooks/sink"

const owner = await addUser({ username: "states" })
const actor = actorFor(owner, "web")

const schemaOf = (properties: Record<string, object>, Output: object, required: string[] = []) => ({
  openapi: "3.0.2",
  components: { schemas: { Input: { type: "object", required, properties }, Output } },
})
const text = { type: "string" }
const everyControl = schemaOf(
  Object.fromEntries(
    Object.entries({
      prompt: { ...text, description: "What the picture shows. Say what, where, and in which light." },
      image: { ...text, format: "uri", description: "A picture to start from." },
      size: { type: "integer", minimum: 64, maximum: 1024, default: 512 },
      style: { type: "string", enum: ["photo", "drawing", "painting"], default: "photo" },
      upscale: { type: "boolean", default: false },
      seed: { type: "integer", description: "Leave it out for another picture every time." },
      guidance: { type: "number", minimum: 0, maximum: 20, default: 7.5 },
      references: { type: "array", items: { type: "string", format: "uri" } },
      options: { type: "object", description: "More settings." },
      token: { type: "string", format: "password", "x-cog-secret": true },
      old_size: { type: "integer", deprecated: true },
    }).map(([name, field], n) => [name, { ...field, "x-order": n }]),
  ),
  { type: "array", items: { type: "string", format: "uri" } },
  ["prompt"],
)
const stream = { type: "array", items: text, "x-cog-array-type": "iterator", "x-cog-array-display": "concatenate" }

const painter = await aModel(actor, { name: "painter", description: "Paints what you describe." })
const first = await aVersion(actor, painter, { openapi_schema: everyControl })
const writer = await aModel(actor, { name: "writer", description: "Continues a text." })
await aVersion(actor, writer, { openapi_schema: schemaOf({ text }, stream, ["text"]) })
const parts = await aModel(actor, { name: "parts", description: "Takes a picture apart." })
await aVersion(actor, parts, { openapi_schema: schemaOf({ text }, { type: "object" }) })
const empty = await aModel(actor, { name: "empty" })

const start = ({ owner, name }: Model, input: object) =>
  createPrediction(actor, { version: "named" }, { version: `${owner}/${name}`, input }, { origin: "" })
const end = async (run: Awaited<ReturnType<typeof start>>, outcome: Outcome) => (await endPrediction(run, outcome))!.id
const metrics = { predict_time: 3.21, cost_usd: 0.0231 }

async function picture(run: Awaited<ReturnType<typeof start>>, hue: number) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="768" height="512"><defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="hsl(${hue} 60% 45%)"/><stop offset="1" stop-color="hsl(${hue + 70} 70% 75%)"/></linearGradient></defs><rect width="768" height="512" fill="url(#g)"/><circle cx="${250 + hue}" cy="220" r="120" fill="hsl(${hue + 180} 60% 60%)"/></svg>`
  const bytes = await sharp(Buffer.from(svg)).png().toBuffer()
  return (await putOutput(run, { name: `${hue}.png`, content_type: "image/png" }, Readable.from([bytes]))).url
}
async function painted(prompt: string, hues: number[]) {
  const run = await start(painter, { prompt, seed: hues[0] })
  const output = await Promise.all(hues.map((hue) => picture(run, hue)))
  const logs = `Using seed: ${hues[0]}\n\u001b[32mready\u001b[0m\n${Array.from({ length: 30 }, (_, n) => `${String(n * 3).padStart(3)} %|${"█".repeat(n)}${" ".repeat(30 - n)}| ${n}/30\r`).join("")}\nsaved ${hues.length} files\n`
  return end(run, { status: "succeeded", output, logs, metrics })
}

const example = await painted("a lighthouse in the fog, seen from the sea", [20])
await addExample(actor, "states", "painter", example)
const [one, other] = [
  await painted("a lighthouse at night", [210, 250]),
  await painted("a lighthouse at dawn", [30, 330]),
]
const streamed = await end(await start(writer, { text: "The lamp is left burning" }), {
  status: "succeeded",
  output: ["The lamp is left burning", " on an empty stage,", " so that nobody falls", " into the pit."],
  metrics,
})
const apart = await start(parts, { text: "apart" })
const object = await end(apart, {
  status: "succeeded",
  output: { caption: "a circle", mask: await picture(apart, 120), score: 0.98, boxes: [[1, 2, 3, 4]] },
  metrics,
})
const deep = await start(parts, { text: "deep" })
const nested = await end(deep, {
  status: "succeeded",
  output: {
    summary:
      "Two circles were found in the picture, one of them partly covered by the other, which is why its mask is an estimate.",
    layers: [await picture(deep, 40), await picture(deep, 200)],
    best: { label: "circle", score: 0.98, crop: await picture(deep, 300), box: { x: 12, y: 40 } },
    sizes: [1, 2, 3],
    warning: null,
  },
  metrics: { ...metrics, input_tokens: 12, tokens_per_second: 48.25, finish_reason: "stop" },
})
const failed = await end(await start(writer, { text: "x".repeat(400) }), {
  status: "failed",
  error: "CUDA out of memory. Tried to allocate 2.00 GiB. Use a smaller input.",
  logs: 'Traceback (most recent call last):\n  File "predict.py", line 12\nRuntimeError: CUDA out of memory\n',
})
const waiting = (await start(writer, { text: "waits" })).id
/** A second of a tone. */
function tone(hertz: number): Buffer {
  const [rate, header] = [8000, Buffer.alloc(44)]
  header.write("RIFF", 0)
  header.writeUInt32LE(36 + rate * 2, 4)
  header.write("WAVEfmt ", 8)
  header.writeUInt32LE(16, 16)
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    header.writeUInt16LE(value, at)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * 2, 28)
  header.write("data", 36)
  header.writeUInt32LE(rate * 2, 40)
  const samples = Buffer.alloc(rate * 2)
  for (let n = 0; n < rate; n++)
    samples.writeInt16LE(Math.round(9000 * Math.sin((n / rate) * hertz * 2 * Math.PI)), n * 2)
  return Buffer.concat([header, samples])
}
const media = await start(parts, { text: "media" })
const file = async (name: string, content_type: string, bytes: Buffer) =>
  (await putOutput(media, { name, content_type }, Readable.from([bytes]))).url
const played = await end(media, {
  status: "succeeded",
  output: {
    speech: await file("speech.wav", "audio/wav", tone(440)),
    ...(process.env.VIDEO && { clip: await file("clip.webm", "video/webm", readFileSync(process.env.VIDEO)) }),
    notes: await file("notes.txt", "text/plain", Buffer.from("Notes about the media.")),
  },
  metrics,
})

const broken = await aModel(actor, { name: "broken", description: "Cannot be set up." })
const unusable = await aVersion(actor, broken, { openapi_schema: schemaOf({ text }, { type: "string" }) })
await cancelPrediction(actor, (await start(broken, { text: "never runs" })).id)
await updatePool((await findOwnPool(broken.id, unusable.id))!.key, {
  failures: 5,
  paused_at: now(),
  failure:
    'Traceback (most recent call last):\n  File "predict.py", line 4, in setup\n    import torch\nModuleNotFoundError: No module named torch\n',
})

const expired = await end(await start(writer, { text: "kept for a while" }), { status: "succeeded", output: ["gone"] })
await write(
  async (tx) =>
    void (await tx
      .update(predictions)
      .set({ expires_at: "2020-01-01T00:00:00.000000Z" })
      .where(eq(predictions.id, expired))),
)
await removeExpiredData()

const canceled = (await cancelPrediction(actor, (await start(writer, { text: "canceled" })).id)).id
const removed = await end(await start(writer, { text: "removed" }), { status: "succeeded", output: ["gone"] })
await deletePrediction(actor, removed)
const { secret } = await sharePrediction(actor, one, { hides_input: false, days: 7 })
const hidden = await sharePrediction(actor, other, { hides_input: true, days: null })

/** Begins the runs of a batch and ends them. */
async function settle(id: string, outcome: Outcome | ((run: Prediction, n: number) => Promise<Outcome>)) {
  await advanceBatches()
  for (const { id: run, place } of await listBatchRuns(actor, id)) {
    const prediction = run && (await getPrediction(actor, run))
    if (prediction)
      await endPrediction(prediction, typeof outcome === "function" ? await outcome(prediction, place) : outcome)
  }
  await advanceBatches()
}
const inputs = Array.from({ length: 12 }, (_, n) => ({ text: `line ${n + 1}` }))
const batch = (usd_limit?: number) => createBatch(actor, { version: "states/writer", inputs, usd_limit }, "")
const limited = await batch(0.1)
await settle(limited.id, { status: "succeeded", output: ["done"], metrics })
await settle(limited.id, { status: "succeeded", output: ["done"], metrics })
const stopped = await batch()
await cancelBatch(actor, stopped.id)
const image = anImage({ labels: cogLabels({ "run.cog.openapi_schema": JSON.stringify(everyControl) }) })
const registry = await aRegistry()
await pushImage(registry, "states/painter", basic("states", await aToken(actor)), image)
await registry.close()
const next = { id: image.digest.slice("sha256:".length) }
const trial = await tryVersion(actor, "states", "painter", next.id, { of: "examples" }, "http://127.0.0.1")
await settle(trial.id, async (run) => ({
  status: "succeeded",
  output: [await picture(run, 60)],
  metrics: { predict_time: 2.5, cost_usd: 0.018 },
}))
const wide = await tryVersion(actor, "states", "painter", next.id, { of: "runs" }, "http://127.0.0.1")
await settle(wide.id, async (run, n) =>
  n === 0
    ? { status: "failed", error: "CUDA out of memory. Tried to allocate 2.00 GiB." }
    : { status: "succeeded", output: [await picture(run, n * 90)], metrics: { predict_time: 4.75, cost_usd: 0.034 } },
)
const running = await batch()

const sink = await openSink(actor)
await receive(
  sink.secret,
  { "content-type": "application/json", "webhook-id": "msg_1" },
  JSON.stringify({ id: one, status: "succeeded" }),
)

const session = await openSession(owner, { address: null, user_agent: null })
console.log(
  JSON.stringify({
    cookie: await encode({ token: { secret: session }, secret: authSecret(), maxAge: 3600 }),
    pages: {
      "playground with every control": `/states/painter/playground?inputs=%7B%7D`,
      "playground with the default example": "/states/painter/playground",
      "playground of an earlier version": `/states/painter/playground?version=${first.id}`,
      "playground with a text": `/states/writer/playground?prediction=${streamed}`,
      "playground with a failure": `/states/writer/playground?prediction=${failed}`,
      "playground without a version": `/states/${empty.name}/playground`,
      "prediction with pictures": `/p/${one}`,
      "prediction with a text": `/p/${streamed}`,
      "prediction with an object": `/p/${object}`,
      "prediction with nested objects": `/p/${nested}`,
      "prediction that failed": `/p/${failed}`,
      "prediction that waits": `/p/${waiting}`,
      "prediction that was canceled": `/p/${canceled}`,
      "prediction without its data": `/p/${removed}`,
      "prediction with audio and files": `/p/${played}`,
      "prediction that expired": `/p/${expired}`,
      "preview of a share": `/p/${one}?preview=all`,
      "preview of a share without its input": `/p/${one}?preview=output`,
      "playground of a model that cannot be set up": "/states/broken/playground",
      "version that cannot be set up": `/states/broken/versions/${unusable.id}`,
      "prediction of an example": `/p/${example}`,
      history: "/predictions",
      "history by cost": "/predictions?cost=0.01",
      "history, nothing found": "/predictions?status=aborted",
      "history, wrong filter": "/predictions?after=yesterday",
      "two runs compared": `/predictions/compare?a=${one}&b=${other}`,
      "two texts compared": `/predictions/compare?a=${streamed}&b=${failed}`,
      "new batch": "/states/writer/batch",
      batches: "/batches",
      "batch at its limit": `/batches/${limited.id}`,
      "batch that was canceled": `/batches/${stopped.id}`,
      "batch that runs": `/batches/${running.id}`,
      "trial of a version": `/batches/${trial.id}`,
      "trial with a failure": `/batches/${wide.id}`,
      "version to try": `/states/painter/versions/${next.id}`,
      examples: "/states/painter/examples",
      dashboard: "/",
      "webhook sink": "/account/webhooks/sink",
      "model with the example as its cover": "/states/painter",
      "API with code": "/states/painter/api",
    },
    shared: {
      "shared prediction": `/p/${one}?share=${secret}`,
      "shared prediction without its input": `/p/${other}?share=${hidden.secret}`,
      "playground for visitors": "/states/writer/playground",
      "batch for visitors": "/states/writer/batch",
    },
  }),
)
await closeDatabase()
