// The operator's command line, started by cli.mjs.
import { main } from "./command-line"

process.umask(0o077)

process.exitCode = await main(process.argv.slice(2))
