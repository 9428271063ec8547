import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { promisify } from "node:util"

import { remember } from "./secrets"

const run = promisify(execFile)

/** An account with an API token, created with the operator's command line on the server's data folder. */
export async function anAccount(
  prefix = "e2e",
  dataDir?: string,
): Promise<{ username: string; password: string; token: string }> {
  const username = `${prefix}-${randomBytes(4).toString("hex")}`
  const password = remember("password", randomBytes(12).toString("hex"))
  await operator(dataDir, "user", "add", username, "--password", password)
  const token = remember("token", await operator(dataDir, "token", "issue", username, "--name", "e2e"))
  return { username, password, token }
}

async function operator(dataDir: string | undefined, ...args: string[]): Promise<string> {
  const env = { ...process.env, DATA_DIR: dataDir ?? process.env.E2E_DATA_DIR ?? process.env.DATA_DIR }
  const { stdout } = await run(
    process.execPath,
    ["--import", "tsx", "--conditions=react-server", "scripts/cli.ts", ...args],
    { env },
  )
  return stdout.trim()
}
