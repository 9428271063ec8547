// The clients of e2e/clients: too large with their dependencies for everybody to install, so only `npm test` installs
// them.
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

/** The folder of the clients; null if they are not installed and the registry is unreachable. */
export async function ensureClients() {
  if (clientsInstalled()) return clientsFolder
  console.log("Installing the clients of e2e/clients …")
  // The lock file decides the peers: LangChain's community package lists everything it could be used with.
  const { code, output } = await run(
    "npm",
    ["ci", "--prefix", clientsFolder, "--legacy-peer-deps", "--ignore-scripts", "--loglevel=error"],
    { capture: true },
  )
  if (code !== 0) console.log(output)
  return clientsInstalled() ? clientsFolder : null
}
