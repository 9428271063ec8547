import { readFileSync } from "node:fs"

import { replaceFileSync } from "@/db/atomic-file"
import { log } from "@/lib/log"
import { DockerError, type DockerApi } from "./docker-api"

/** What pulled images may take up, and how long one is kept that nothing runs on. 0 for no limit. */
export type ImageLimits = { bytes: number; ms: number }

/** An image that was pulled: when it was used last, in milliseconds since 1970, and whether something runs on it. */
export type Pulled = { image: string; bytes: number; used: number; busy: boolean }

/** The images that have to go: those that nothing has run on for too long, and of the others those used longest ago, until the rest fits. */
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

/**
 * Keeps the images that we had an engine pull within limits. Others, which people have there, are never touched: which are ours is written in `file`.
 */
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

  /** An image with its size; null where it is no more. */
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
      // Whoever needs it now waits for this, and pulls it again.
      if (needed.has(image)) continue
      await api.json("DELETE", `/images/${image}`)
      record().delete(image)
      log("info", "an image that nothing runs on was removed", { image })
    }
    save()
  }

  return {
    /** While `work` goes on, the image stays. `pulled` in it says that it is ours. */
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
    /** Removes what is too much. One after the other; what goes wrong is tried again next time. */
    clean(): Promise<void> {
      const done = removing.then(clean).catch((error) => log("debug", "images could not be cleaned", { error }))
      removing = done
      return done
    },
  }
}
