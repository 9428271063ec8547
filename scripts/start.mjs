// `npm start`: installs if needed, builds if stale, serves. `--dev` serves without a build, `--build-only` builds
// without serving.
import { buildIfStale } from "./build.mjs"
import { bundleIfStale } from "./bundle.mjs"
import { loadEnvFile } from "./env-file.mjs"
import { prepare } from "./prepare.mjs"
import { serverFlags } from "./server-flags.mjs"
import { supervise } from "./supervise.mjs"

await prepare()
loadEnvFile()

// No telemetry.
process.env.NEXT_TELEMETRY_DISABLED ??= "1"

const dev = process.argv.includes("--dev")
if (dev) await bundleIfStale()
else {
  const { code } = await buildIfStale()
  if (code !== 0) process.exit(code)
}

if (!process.argv.includes("--build-only")) {
  process.env.NODE_ENV = dev ? "development" : "production"
  if (dev) await import("../server.mjs")
  else process.exit(await supervise("server.mjs", { flags: serverFlags }))
}
