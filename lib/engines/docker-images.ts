import { readFileSync } from "node:fs"

import { replaceFileSync } from "@/db/atomic-file"
import { log } from "@/lib/log"
import { DockerError, type DockerApi } from "./docker-api"

/** Limits of pulled images: total size, and days without use. 0 means no limit. */
export type ImageLimits = { bytes: number; ms: number }

/** A pulled image: its last use in milliseconds since the epoch, and whether a container uses it. */
export type Pulled = { image: string; bytes: number; used: number; busy: boolean }

/** The images to remove: those unused for too long, then the least recently used until the rest fits. */
export function imagesToRemove(images: Pulled[], limits: ImageLimits, now: number): string[] {
  const free = images.filter(({ busy }) => !busy).toSorted((a, b) => a.used - b.used)
  let left = images.reduce((sum, { bytes }) => sum + bytes, 0)
  return free
    .filter(({ used, bytes }) => {
      const goes = (limits.ms > 0 && now - used > limits.ms) || (limits.bytes > 0 && left > limits.bytes)
      if (goes) left -= bytes
      return goes
    })
    .map(({ image }) => image)
}

/** Keeps pulled images within limits. They are listed in `file`; other images of the engine are never removed. */
export function pulledImages(api: DockerApi, file: string, limits: ImageLimits) {
  const needed = new Map<string, number>()
  let known: Map<string, number> | undefined
  let removing: Promise<unknown> = Promise.resolve()

  function record(): Map<string, number> {
    if (known) return known
    try {
      return (known = new Map(Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, number>)))
    } catch {
      return (known = new Map())
    }
  }
  function save() {
    replaceFileSync(file, JSON.stringify(Object.fromEntries(record())))
  }

  /** An image with its size; null if the engine no longer has it. */
  async function inspect(image: string): Promise<{ Id: string; Size: number } | null> {
    try {
      return await api.json("GET", `/images/${image}/json`)
    } catch (error) {
      if (error instanceof DockerError && error.status === 404) return null
      throw error
    }
  }

  async function clean() {
    if (record().size === 0) return
    const containers = await api.json<{ ImageID: string }[]>("GET", "/containers/json", { query: { all: true } })
    const run = new Set(containers.map(({ ImageID }) => ImageID.replace(/^sha256:/, "")))
    const now = Date.now()
    const images: Pulled[] = []
    for (const [image, used] of record()) {
      const found = await inspect(image)
      if (!found) record().delete(image)
      else {
        const busy = needed.has(image) || run.has(found.Id.replace(/^sha256:/, ""))
        if (busy) record().set(image, now)
        images.push({ image, bytes: found.Size, used: busy ? now : used, busy })
      }
    }
    for (const image of imagesToRemove(images, limits, now)) {
      // Whoever needs the image after this check waits for the removal, and pulls it again.
      if (needed.has(image)) continue
      await api.json("DELETE", `/images/${image}`)
      record().delete(image)
      log("info", "an image that nothing runs on was removed", { image })
    }
    save()
  }

  return {
    /** Protects the image from removal while `work` runs. `pulled` adds it to the list. */
    async keeping<T>(image: string, work: (pulled: () => void) => Promise<T>): Promise<T> {
      needed.set(image, (needed.get(image) ?? 0) + 1)
      try {
        await removing
        return await work(() => {
          record().set(image, Date.now())
          save()
        })
      } finally {
        const others = needed.get(image)! - 1
        if (others === 0) needed.delete(image)
        else needed.set(image, others)
      }
    },
    /** Removes images over the limits, one at a time; failures are retried next time. */
    clean(): Promise<void> {
      const done = removing.then(clean).catch((error) => log("debug", "images could not be cleaned", { error }))
      removing = done
      return done
    },
  }
}
