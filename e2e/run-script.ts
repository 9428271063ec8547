import { execFile } from "node:child_process"
import { promisify } from "node:util"

type Options = { args?: string[]; env?: Record<string, string | undefined> }

/**
 * Runs a script of this folder that creates data, such as "echo-data", on the data of a server; returns the JSON that
 * it prints.
 */
export async function runScript<T>(name: string, dataDir: string, { args = [], env }: Options = {}): Promise<T> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=react-server", `${process.env.E2E_SCRIPTS}/${name}.mjs`, ...args],
    { env: { ...process.env, DATA_DIR: dataDir, DATABASE_URL: "", ...env }, maxBuffer: 1e9 },
  )
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as T
}
