// The clients of e2e/clients: with all that they bring along too large to be installed by everybody, so they are once everything is tested.
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { isInstalled, root } from "./prepare.mjs"
import { run } from "./run.mjs"

export const clientsFolder = join(root, "e2e", "clients")

const lock = (/** @type {string} */ file) => {
  const path = join(clientsFolder, file)
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null
}

export const clientsInstalled = () => isInstalled(lock("package-lock.json"), lock("node_modules/.package-lock.json"))

/** The folder of the clients; null where they are not installed and the registry cannot be reached. */
export async function ensureClients() {
  if (clientsInstalled()) return clientsFolder
  console.log("Installing the clients of e2e/clients …")
  // Their peers are what the lock says: LangChain's community package names everything that it could be used with.
  const { code, output } = await run(
    "npm",
    ["ci", "--prefix", clientsFolder, "--legacy-peer-deps", "--ignore-scripts", "--loglevel=error"],
    { capture: true },
  )
  if (code !== 0) console.log(output)
  return clientsInstalled() ? clientsFolder : null
}
