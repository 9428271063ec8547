type Json = Record<string, unknown>

/**
 * The output of a training as one object; null if there is none. Of yielded values, files are samples, and the last one
 * is the weights once the output is `whole`, unless an object contains `weights`.
 */
export function outputOf(output: unknown, whole = false): Json | null {
  if (output === null || output === undefined) return null
  if (!Array.isArray(output)) return isObject(output) ? output : { weights: String(output) }
  const given = new Map<string, { values: unknown[]; isList: boolean }>()
  const add = (name: string, value: unknown, isList = Array.isArray(value)) => {
    const before = given.get(name)
    if (!before || name === "weights") given.set(name, { values: [value].flat(), isList })
    else {
      for (const one of [value].flat()) before.values.push(one)
      before.isList = true
    }
  }
  for (const [at, item] of output.entries())
    if (isObject(item)) for (const [name, value] of Object.entries(item)) add(name, value)
    else if (whole && at === output.length - 1 && !given.has("weights") && isAddress(item)) add("weights", item, false)
    else add("samples", item, true)
  if (given.size === 0) return null
  return Object.fromEntries(
    [...given].map(([name, { values, isList }]) => [name, isList ? [...new Set(values)] : values[0]]),
  )
}

const isAddress = (value: unknown) => typeof value === "string" && /^(https?|understudy):\//.test(value)

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)
