import { spawn } from "node:child_process"
import path from "node:path"

const commands: Record<string, string[]> = {
  javascript: [process.execPath, "--input-type=module"],
  python: ["python3", "-"],
  curl: ["bash"],
  cli: ["bash"],
}

/**
 * Executes a snippet in its language and returns its output. Official clients that are not on npm are replaced by
 * stand-ins (clients/).
 */
export function executeSnippet(id: string, code: string, variables: Record<string, string>): Promise<string> {
  const [command, ...args] = commands[id]!
  const clients = path.resolve("lib/test/clients")
  const child = spawn(command!, args, {
    env: {
      ...process.env,
      ...variables,
      PYTHONPATH: clients,
      PYTHONDONTWRITEBYTECODE: "1",
      PATH: `${path.join(clients, "bin")}:${path.dirname(process.execPath)}:${process.env.PATH}`,
    },
  })
  let [said, complained] = ["", ""]
  child.stdout.setEncoding("utf8").on("data", (text) => (said += text))
  child.stderr.setEncoding("utf8").on("data", (text) => (complained += text))
  child.stdin.end(code)
  return new Promise((resolve, reject) =>
    child.on("close", (status) =>
      status === 0 ? resolve(said) : reject(new Error(`${status}: ${said}${complained}`)),
    ),
  )
}
