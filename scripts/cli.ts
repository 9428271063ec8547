// The operator's command line, started by cli.mjs.
import { main } from "./command-line"

process.umask(0o077)

// A reader that has seen enough, such as `head`, is no failure. The command itself is completed in any case.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE" || process.exitCode) return
  process.exitCode = 1
  console.error(`The output could not be written: ${error.message}`)
})
process.stderr.on("error", () => {})

const code = await main(process.argv.slice(2))
process.exitCode ||= code
