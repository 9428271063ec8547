// The first step of every command: installs missing packages, then continues with the Node that the packages include.
// May run on an old Node without node_modules, so it imports only Node's own modules.
import { existsSync, readFileSync, realpathSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { run } from "./run.mjs"

export const root = fileURLToPath(new URL("..", import.meta.url))

const bin = join(root, "node_modules", ".bin")
const oldestNode = [22, 18]

/**
 * Returns only on a Node that can run the product, in the project's folder, with all packages installed. Without `dev`,
 * packages for building and testing may be missing, as in the container image.
 */
export async function prepare({ dev = true } = {}) {
  process.chdir(root)
  process.env.NEXT_TELEMETRY_DISABLED ??= "1"
  if (!process.env.PATH?.startsWith(bin + delimiter)) process.env.PATH = bin + delimiter + (process.env.PATH ?? "")

  if (!isInstalled(readLock("package-lock.json"), readLock("node_modules/.package-lock.json"), { dev })) await install()
  await continueOnOurNode()
}

/**
 * npm keeps its own record of what is in node_modules; optional packages of other platforms are never in it.
 * @param {{ packages?: Record<string, any> } | null} wanted
 * @param {{ packages?: Record<string, any> } | null} installed
 */
export function isInstalled(wanted, installed, { dev = true } = {}) {
  if (!installed?.packages) return false
  return Object.entries(wanted?.packages ?? {}).every(([path, { version, optional, dev: onlyDev }]) => {
    const present = installed.packages[path]
    return path === "" || (present ? present.version === version : optional || (onlyDev && !dev))
  })
}

function readLock(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null
}

async function install() {
  console.error("Installing packages (npm ci) …")
  // Everything goes to stderr: stdout is for the command's own result.
  const { code } = await run("npm", ["ci", "--include=dev", "--include=optional", "--loglevel=error"], {
    stdio: ["ignore", 2, 2],
  })
  if (code === 0) return
  console.error("The packages could not be installed; see the npm output above.")
  process.exit(1)
}

async function continueOnOurNode() {
  const ours = join(bin, "node")
  if (existsSync(ours)) {
    if (realpathSync(ours) === realpathSync(process.execPath)) return
    const { code } = await run(ours, [...process.execArgv, ...process.argv.slice(1)])
    process.exit(code)
  }
  const [major, minor] = process.versions.node.split(".").map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return
  console.error(`Understudy needs Node ${oldestNode.join(".")} or newer; this is ${process.versions.node}.`)
  process.exit(1)
}
