// Runs one command until it ends. Signals are passed on to the command, and this process exits after it.
import { spawn } from "node:child_process"

const running = new Set()
let interruptedBy

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

function forward(signal) {
  interruptedBy = signal
  // Ctrl-C reaches all processes in the terminal, and a second one would make Playwright leave its server behind.
  if (signal === "SIGINT" && process.stdin.isTTY) return
  // SIGINT is the only signal on which everything we run cleans up and exits.
  for (const child of running) child.kill("SIGINT")
}

/**
 * Resolves with the exit code and, with `capture`, everything the command printed.
 * @param {string} command
 * @param {string[]} [args]
 * @param {{ env?: Record<string, string | undefined>, capture?: boolean, stdio?:
 *   import("node:child_process").StdioOptions }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args = [], { env, capture = false, stdio = "inherit" } = {}) {
  return new Promise((resolve) => {
    if (running.size === 0) for (const signal of Object.keys(signals)) process.on(signal, forward)

    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: capture ? ["ignore", "pipe", "pipe"] : stdio,
    })
    running.add(child)

    let output = ""
    child.stdout?.setEncoding("utf8").on("data", (text) => (output += text))
    child.stderr?.setEncoding("utf8").on("data", (text) => (output += text))

    const finish = (code) => {
      running.delete(child)
      if (running.size > 0) return resolve({ code, output })
      for (const signal of Object.keys(signals)) process.off(signal, forward)
      // A server that stops on request has succeeded; captured work that was interrupted has not.
      if (interruptedBy) process.exit(capture ? signals[interruptedBy] : code)
      resolve({ code, output })
    }
    child.once("error", (error) => {
      output += `${error.message}\n`
      finish(127)
    })
    child.once("close", (code, signal) => finish(code ?? signals[signal] ?? 1))
  })
}
