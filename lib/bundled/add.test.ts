import { existsSync, readdirSync, readFileSync } from "node:fs"
import { createServer } from "node:net"
import path from "node:path"
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest"

import { env } from "@/env"
import { changeAdministrator } from "@/lib/accounts/administration"
import { listInstallationEvents } from "@/lib/events/list"
import { anAccount, anAdministrator } from "@/lib/test/factories"
import { getModel } from "@/lib/models/model"
import { servedBundle } from "@/lib/test/bundled"
import { drawnScene, pixelsOf } from "@/lib/test/drawn"
import { addBundledModel, additionOf, listBundledModels, recordAddition, startAddingModel } from "./add"
import { bundledEntry, bundleFolder, catalogue, findBundledModel } from "./catalogue"

beforeEach(() => void (env.RUN_BUNDLED = "on"))
afterEach(() => void (env.RUN_BUNDLED = "off"))

/** The entries of the folder where models are built. */
const leftovers = () => {
  const folder = path.resolve(env.DATA_DIR, "models")
  return existsSync(folder) ? readdirSync(folder) : []
}

test("what is in no catalogue, or here anyway, is not added", async () => {
  await expect(addBundledModel("nothing")).rejects.toMatchObject({
    kind: "missing",
    detail: "There is no model nothing to add. There are: upscale, classify-image.",
  })
  await expect(addBundledModel("echo")).rejects.toMatchObject({ kind: "conflict" })
  env.RUN_BUNDLED = "off"
  await expect(addBundledModel("upscale")).rejects.toMatchObject({ kind: "conflict" })
})

test("where the registry cannot be reached, a sentence says so, and nothing is left behind", async () => {
  const closed = createServer().listen(0, "127.0.0.1")
  await new Promise((resolve) => closed.once("listening", resolve))
  const { port } = closed.address() as { port: number }
  closed.close()
  process.env.npm_config_registry = `http://127.0.0.1:${port}`
  onTestFinished(() => void delete process.env.npm_config_registry)
  await expect(addBundledModel("upscale")).rejects.toMatchObject({
    kind: "unavailable",
    detail: expect.stringMatching(/^upscale was not added: its packages could not be downloaded\.[^]*ECONNREFUSED/),
  })
  expect(leftovers()).toEqual([])
  expect(bundledEntry("upscale")).toBeNull()

  // The administration page shows the same error.
  const admin = await anAdministrator()
  startAddingModel(admin, "upscale")
  expect(additionOf("upscale")).toEqual({ doing: "downloading" })
  await vi.waitFor(
    () =>
      expect(additionOf("upscale")).toEqual({
        failed: expect.stringMatching(/npm_config_registry .* https_proxy .*ECONNREFUSED/s),
      }),
    { timeout: 60_000, interval: 100 },
  )
  const stranger = (await anAccount()).actor
  expect(() => startAddingModel(stranger, "upscale")).toThrow(expect.objectContaining({ kind: "missing" }))
  expect(() => startAddingModel(admin, "echo")).toThrow(expect.objectContaining({ kind: "conflict" }))
  expect((await listInstallationEvents(admin)).rows.map(({ action }) => action)).not.toContain("bundle.added")
})

test("who lost the role while packages were downloaded adds nothing", async () => {
  const admin = await anAdministrator()
  const model = findBundledModel("upscale")!
  const bundle = { model, id: "0".repeat(64) }
  const added = async () =>
    (await listInstallationEvents(await anAdministrator())).rows.filter(({ action }) => action === "bundle.added")
      .length
  await recordAddition(bundle, admin)
  expect(await added()).toBe(1)
  await changeAdministrator(await anAdministrator(), admin.username, false)
  await expect(recordAddition(bundle, admin)).rejects.toMatchObject({ kind: "missing" })
  expect(await added()).toBe(1)
})

test.each(catalogue.filter(({ included }) => !included).map(({ name, packages }) => [name, packages] as const))(
  "the packages of %s are those of its lock file",
  (name, packages) => {
    const { dependencies } = JSON.parse(readFileSync(`lib/bundled/${name}/package.json`, "utf8"))
    expect(dependencies).toEqual(packages)
    const lock = JSON.parse(readFileSync(`lib/bundled/${name}/package-lock.json`, "utf8"))
    const { "": own, ...locked } = lock.packages
    expect(own.dependencies).toEqual(packages)
    for (const { integrity } of Object.values<{ integrity: string }>(locked)) expect(integrity).toMatch(/^sha512-/)
    const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8"))
    for (const [dependency, version] of Object.entries(packages))
      expect(devDependencies[dependency] ?? version).toBe(version)
  },
)

/** Adds a model from the registry, as an administrator, and serves it. */
async function added(name: string) {
  const bundle = await addBundledModel(name)
  expect(leftovers()).toContain(name)
  expect(leftovers().filter((file) => file.startsWith("."))).toEqual([])
  expect(readdirSync(bundleFolder(findBundledModel(name)!))).not.toContain("node_modules")
  expect((await getModel(null, "understudy", name)).latest_version!.id).toBe(bundle.id)
  expect(additionOf(name)).toBeUndefined()
  expect((await listInstallationEvents(await anAdministrator())).rows[0]).toMatchObject({
    action: "bundle.added",
    subject: name,
    details: { version: bundle.id },
    via: "cli",
  })
  expect(listBundledModels().find(({ model }) => model.name === name)!.bundle).toEqual(bundle)
  const readme = readFileSync(`lib/bundled/${name}/README.md`, "utf8")
  for (const { name: dependency, license } of bundle.packages)
    expect(readme).toMatch(new RegExp(`\\[${dependency}\\]\\(.*\\) +\\| ${license} +\\|`))
  const model = await servedBundle(name)
  onTestFinished(() => model.stop())
  return model
}

test("upscale makes a picture twice and four times as large, tile by tile, and keeps what it shows", async () => {
  const model = await added("upscale")
  const image = await drawnScene(120, 100)
  for (const scale of [2, 4]) {
    const { body } = await model.predict({ image, scale })
    expect(body).toMatchObject({ status: "succeeded", output: expect.stringMatching(/^data:image\/png;base64,/) })
    const large = await pixelsOf(body.output)
    expect([large.width, large.height]).toEqual([120 * scale, 100 * scale])
    expect(body.logs.trim().split("\n")).toEqual([1, 2, 3, 4].map((n) => `tile ${n}/4 (${n * 25} %)`))
    // Scaled down again, it nearly equals the original, including the seams between tiles.
    const [before, after] = [await pixelsOf(image), await pixelsOf(body.output, { width: 120, height: 100 })]
    const differences = before.data.map((value, at) => Math.abs(value - after.data[at]!))
    expect(differences.reduce((sum, one) => sum + one) / differences.length).toBeLessThan(6)
    console.log(`upscale ×${scale}: ${body.metrics.predict_time.toFixed(2)} s for 120 × 100 pixels`)
  }
  expect((await model.predict({ image, scale: 3 })).status).toBe(422)
  expect((await model.predict({ image: "data:text/plain,x" })).body.error).toMatch(/not a valid image/)
})

test("classify-image tells a drawing, and gives every class its score", async () => {
  const model = await added("classify-image")
  const { body } = await model.predict({ image: await drawnScene(400, 300) })
  expect(body).toMatchObject({ status: "succeeded", logs: "" })
  const { label, scores } = body.output
  expect(Object.keys(scores).toSorted()).toEqual(["drawing", "hentai", "neutral", "porn", "sexy"])
  expect(Object.values<number>(scores).reduce((sum, score) => sum + score)).toBeCloseTo(1, 2)
  expect(["drawing", "neutral"]).toContain(label)
  expect(scores[label]).toBeGreaterThan(0.5)
  console.log(`classify-image: ${body.metrics.predict_time.toFixed(2)} s`)
})
