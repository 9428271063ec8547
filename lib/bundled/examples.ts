import { readFile } from "node:fs/promises"
import path from "node:path"

import type { BundledModel } from "./catalogue"

const sources = path.resolve("lib/bundled")

/** The examples of a model: inputs as a client sends them, with files as data URLs. */
export async function exampleInputs({ name }: Pick<BundledModel, "name">): Promise<Record<string, unknown>[]> {
  const examples: Record<string, unknown>[] = JSON.parse(
    await readFile(path.join(sources, name, "examples.json"), "utf8"),
  )
  return Promise.all(examples.map((example) => withFiles(name, example)))
}

async function withFiles(name: string, example: Record<string, unknown>) {
  const entries = Object.entries(example).map(async ([key, value]) => {
    if (typeof value !== "string" || !/^[\w-]+\.png$/.test(value)) return [key, value]
    const bytes = await readFile(path.join(sources, name, value))
    return [key, `data:image/png;base64,${bytes.toString("base64")}`]
  })
  return Object.fromEntries(await Promise.all(entries))
}
