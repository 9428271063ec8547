// Which of our own files a file imports, read from its text.
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** The files that a file imports, including types, and those that it imports only when it runs. @param {string} file */
export function importsOf(file) {
  const text = readFileSync(file, "utf8")
  const names = [
    ...text.matchAll(/^(?:import|export)\s[^"'`;]*?from\s+"([^"]+)"|\bimport\(\s*"([^"]+)"|^import\s+"([^"]+)"/gm),
  ]
  return names.flatMap(([, ...found]) => resolved(file, found.find(Boolean) ?? "") ?? [])
}

/** @param {string} from @param {string} name */
function resolved(from, name) {
  const place = name.startsWith("@/") ? name.slice(2) : name.startsWith(".") ? join(dirname(from), name) : undefined
  if (place === undefined) return undefined
  const found = [".ts", ".tsx", "/index.ts", ""]
    .map((ending) => place + ending)
    .find((one) => /\.\w+$/.test(one) && existsSync(one))
  if (!found && !existsSync(place)) throw new Error(`${from} imports ${name}, which is not there.`)
  return found
}

/** Whatever differs between the databases imports one of these. */
const database = new Set(["db/index.ts", "db/kit.ts", "db/postgres.ts"])

/**
 * Whether a file imports the database, directly or through others. A test that does not says the same on every
 * database.
 * @param {string} file
 */
export function importsDatabase(file) {
  const seen = new Set([file])
  for (const one of seen) {
    if (database.has(one)) return true
    for (const imported of importsIn(one)) seen.add(imported)
  }
  return false
}

/** @type {Map<string, string[]>} */
const known = new Map()

/** @param {string} file */
function importsIn(file) {
  const imported = known.get(file) ?? (/\.(?:tsx?|mjs)$/.test(file) ? importsOf(file) : [])
  known.set(file, imported)
  return imported
}
