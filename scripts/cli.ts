// The operator's command line, started by cli.mjs.
import { main } from "./command-line"

process.exitCode = await main(process.argv.slice(2))
