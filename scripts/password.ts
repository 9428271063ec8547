import { createInterface } from "node:readline/promises"
import { Writable } from "node:stream"

import { problem } from "@/lib/problem"

/** On a terminal, a password typed twice; otherwise the first line of stdin; undefined if it is empty. */
export async function readPassword(): Promise<string | undefined> {
  return process.stdin.isTTY ? askTwice() : firstLine()
}

async function askTwice() {
  const unseen = new Writable({ write: (_text, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true })
  // Ctrl-C and Ctrl-D cancel; the terminal is restored first.
  let answered = false
  terminal.once("close", () => {
    if (!answered) process.exit(130)
  })
  const ask = async (question: string) => {
    process.stderr.write(question)
    const answer = await terminal.question("")
    process.stderr.write("\n")
    return answer
  }

  const password = await ask("Password: ")
  const again = await ask("Repeat the password: ")
  answered = true
  terminal.close()
  if (password !== again) throw problem("invalid", "The passwords do not match. Nothing was changed.")
  return password
}

async function firstLine() {
  const hint = setTimeout(() => console.error("Reading the password from standard input …"), 1000)
  const lines = createInterface({ input: process.stdin })
  try {
    for await (const line of lines) return line
    return undefined
  } finally {
    clearTimeout(hint)
    lines.close()
    process.stdin.destroy()
  }
}
