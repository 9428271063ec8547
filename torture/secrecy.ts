import { aModel, client, percentile, type Answer } from "./client"
import { anInstallation, serve } from "./installation"
import { found, type Trial } from "./trial"

/**
 * The minimum and maximum number of pairs. A page takes ten times as long as the rest, and varies more around the
 * lookup.
 */
const some = 200
const most = { "/v1": 4000, "/v2": 4000, "the page": 600 }

const median = (values: number[]) => percentile(values, 0.5)

type Compared = { each: number; difference: number; error: number; pairs: number }

/**
 * How much longer one takes than the other, in microseconds: the median difference of pairs that are requested back to
 * back, in alternating order, so that anything that slows the machine down slows both. Continues until the standard
 * error is at most a sixth of `bound`.
 */
async function compare(
  one: () => Promise<Answer>,
  other: () => Promise<Answer>,
  { bound, most }: { bound: number; most: number },
): Promise<Compared> {
  const [differences, times]: [number[], number[]] = [[], []]
  for (let n = 0; n < 100; n++) await (n % 2 ? one : other)()
  for (;;) {
    for (let n = 0; n < some; n++) {
      const first = n % 2 === 0
      const a = await (first ? one : other)()
      const b = await (first ? other : one)()
      differences.push((first ? a.ms - b.ms : b.ms - a.ms) * 1000)
      times.push(a.ms * 1000, b.ms * 1000)
    }
    const difference = median(differences)
    // The median's standard error, from the median absolute deviation, which is robust against a few slow responses.
    const error =
      (1.2533 * 1.4826 * median(differences.map((value) => Math.abs(value - difference)))) /
      Math.sqrt(differences.length)
    if (error <= bound / 6 || differences.length >= most)
      return { each: median(times), difference, error, pairs: differences.length }
  }
}

/** The cost of one more database lookup on this machine, in microseconds. */
async function oneLookup(folder: string): Promise<number> {
  const { env } = await import("@/env")
  const { closeDatabase } = await import("@/db")
  const { findModelByFormerName } = await import("@/lib/models/store")
  env.DATA_DIR = folder
  const times: number[] = []
  for (let n = 0; n < 3000; n++) {
    // In a separate turn of the event loop, like a request: further lookups in the same turn cost less.
    await new Promise(setImmediate)
    const began = performance.now()
    await findModelByFormerName("bob", `absent-${n % 10}`, ",")
    times.push((performance.now() - began) * 1000)
  }
  await closeDatabase()
  return median(times.slice(500))
}

const timing: Trial = {
  name: "private, or not there",
  alone: true,
  async run() {
    const { folder, alice, bob } = await anInstallation()
    const server = await serve(folder)
    const ask = client(server.url, null, 1)
    await ask("POST", "/v1/models", {
      token: bob.token,
      body: aModel("bob", "hidden", { visibility: "private", description: "x".repeat(400) }),
    })
    const lookup = await oneLookup(folder)
    const basic = { authorization: `Basic ${Buffer.from(`alice:${alice.token}`).toString("base64")}` }
    const entryPoints = {
      "/v1": (name: string) => ask("GET", `/v1/models/bob/${name}`, { token: alice.token }),
      "/v2": (name: string) => ask("GET", `/v2/bob/${name}/tags/list`, { headers: basic }),
      "the page": (name: string) => ask("GET", `/bob/${name}`),
    }
    const figures: string[] = []
    const wrong: Record<string, boolean> = {}
    for (const [entryPoint, at] of Object.entries(entryPoints)) {
      const answers = [await at("hidden"), await at("absent")]
      const { each, difference, error, pairs } = await compare(
        () => at("hidden"),
        () => at("absent"),
        { bound: lookup, most: most[entryPoint as keyof typeof most] },
      )
      figures.push(
        `${entryPoint} ${difference.toFixed(1)} ± ${error.toFixed(1)} µs of ${each.toFixed(0)} (${pairs} pairs)`,
      )
      wrong[`${entryPoint} does not answer 404`] = answers.some(({ status }) => status !== 404)
      wrong[`${entryPoint} tells them apart`] = Math.abs(difference) - 2 * error > lookup / 2
    }
    ask.end()
    await server.stop()
    return found(`${figures.join("; ")}; one lookup ${lookup.toFixed(1)} µs`, wrong)
  },
}

export const secrecy = [timing]
