// `npm run torture`: builds if stale, then tries to break the production server. Arguments go to torture/main.ts (`--
// --long`).
import { buildIfStale } from "./build.mjs"
import { blankEnvFile } from "./env-file.mjs"
import { prepare } from "./prepare.mjs"
import { run } from "./run.mjs"

await prepare()
const build = await buildIfStale()
const tried =
  build.code === 0
    ? await run(
        process.execPath,
        ["--import", "tsx", "--conditions=react-server", "torture/main.ts", ...process.argv.slice(2)],
        { env: { ...blankEnvFile(), DATABASE_URL: "", LOG_LEVEL: "silent" } },
      )
    : build
process.exitCode = tried.code
