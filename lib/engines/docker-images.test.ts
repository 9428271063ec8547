import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"

import { DockerError, type DockerApi } from "./docker-api"
import { imagesToRemove, pulledImages, type Pulled } from "./docker-images"

const day = 24 * 3600_000
const image = (name: string, more: Partial<Pulled> = {}): Pulled => ({
  image: name,
  bytes: 10,
  used: 0,
  busy: false,
  ...more,
})

describe("the images that go", () => {
  test("are those used longest ago, until the rest fits", () => {
    const images = [
      image("new", { used: 3 }),
      image("old", { used: 1 }),
      image("older", { used: 0 }),
      image("mid", { used: 2 }),
    ]
    expect(imagesToRemove(images, { bytes: 25, ms: 0 }, 4)).toEqual(["older", "old"])
    expect(imagesToRemove(images, { bytes: 40, ms: 0 }, 4)).toEqual([])
    expect(imagesToRemove(images, { bytes: 0, ms: 0 }, 400 * day)).toEqual([])
  })

  test("are those that nothing ran on for too long, however small", () => {
    const images = [image("yesterday", { used: 29 * day }), image("long ago")]
    expect(imagesToRemove(images, { bytes: 0, ms: 30 * day }, 31 * day)).toEqual(["long ago"])
  })

  test("are none that something runs on, which counts all the same", () => {
    const images = [image("busy", { bytes: 100, busy: true }), image("idle")]
    expect(imagesToRemove(images, { bytes: 50, ms: day }, 9 * day)).toEqual(["idle"])
  })
})

/** A fake engine with images and containers only. */
function anEngine(images: Record<string, number>, containers: string[] = []) {
  const removed: string[] = []
  const json = async (method: string, path: string) => {
    if (path === "/containers/json") return containers.map((name) => ({ ImageID: `sha256:${name}` }))
    const name = /^\/images\/(.*?)(?:\/json)?$/.exec(path)![1]!
    if (!Object.hasOwn(images, name)) throw new DockerError(404, "no such image")
    if (method === "GET") return { Id: `sha256:${name}`, Size: images[name] }
    delete images[name]
    removed.push(name)
    return []
  }
  return { api: { json } as unknown as DockerApi, removed }
}

describe("an engine", () => {
  let folder: string
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "us-images-"))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const file = () => join(folder, "images.json")
  const kept = () => Object.keys(JSON.parse(readFileSync(file(), "utf8")))

  test("keeps what people have on it, and what something runs on; what we had pulled goes", async () => {
    const { api, removed } = anEngine({ theirs: 1e9, idle: 1e9, busy: 1e9 }, ["busy"])
    const images = pulledImages(api, file(), { bytes: 1, ms: 0 })
    for (const name of ["idle", "busy", "gone"]) await images.keeping(name, async (pulled) => pulled())
    await images.keeping("theirs", async () => {})
    await images.clean()
    expect(removed).toEqual(["idle"])
    expect(kept()).toEqual(["busy"])
    // The list of images survives a restart.
    const again = pulledImages(anEngine({ busy: 1, theirs: 1 }).api, file(), { bytes: 0, ms: 1 })
    writeFileSync(file(), JSON.stringify({ busy: 0 }))
    await again.clean()
    expect(kept()).toEqual([])
  })

  test("removes nothing that is just being started, and what is needed again waits until it is gone", async () => {
    const { api, removed } = anEngine({ model: 1e9 })
    const images = pulledImages(api, file(), { bytes: 1, ms: 0 })
    await images.keeping("model", async (pulled) => {
      pulled()
      await images.clean()
      expect(removed).toEqual([])
    })
    const cleaning = images.clean()
    await images.keeping("model", async () => expect(removed).toEqual([]))
    await cleaning
    await images.clean()
    expect(removed).toEqual(["model"])
  })
})
