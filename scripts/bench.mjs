// `npm run bench`: builds the product if stale and the Next app of the bench once, then measures. Arguments go to
// bench/main.ts.
import { buildBenchIfMissing, buildIfStale } from "./build.mjs"
import { blankEnvFile } from "./env-file.mjs"
import { prepare } from "./prepare.mjs"
import { run } from "./run.mjs"

await prepare()
// Neither predictions nor PostgreSQL are compared with Next.
const isWithoutNext = process.argv.some((argument) => /^(predictions|postgres)(\.|$)/.test(argument))
const steps = [
  () => buildIfStale(),
  () => (isWithoutNext ? { code: 0 } : buildBenchIfMissing()),
  () =>
    run(process.execPath, ["--import", "tsx", "--conditions=react-server", "bench/main.ts", ...process.argv.slice(2)], {
      env: { ...blankEnvFile(), DATABASE_URL: "", LOG_LEVEL: "silent" },
    }),
]
for (const step of steps) {
  const { code } = await step()
  if (code !== 0) process.exit(code)
}
