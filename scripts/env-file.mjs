// The operator's .env file, if there is one. The environment takes precedence.
import { existsSync, readFileSync } from "node:fs"
import util from "node:util"

export function loadEnvFile() {
  if (existsSync(".env")) process.loadEnvFile(".env")
}

/** The variables of .env with empty values, for tests that must not depend on somebody's settings. */
export function blankEnvFile() {
  if (!existsSync(".env")) return {}
  return Object.fromEntries(Object.keys(util.parseEnv(readFileSync(".env", "utf8"))).map((name) => [name, ""]))
}
