// `npm run -s cli -- …`: the operator's commands, which live in cli.ts. Only they write to stdout.
import { loadEnvFile } from "./env-file.mjs"
import { prepare } from "./prepare.mjs"
import { run } from "./run.mjs"

await prepare({ dev: false })
loadEnvFile()

const { code } = await run(process.execPath, [
  "--import",
  "tsx",
  "--conditions=react-server",
  "scripts/cli.ts",
  ...process.argv.slice(2),
])
process.exitCode = code
