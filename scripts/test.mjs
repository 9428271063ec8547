// `npm test`: everything, on a fresh machine too. A failing stage does not stop the others; the last line has the
// counts.
import { bundleIfStale } from "./bundle.mjs"
import { ensureClients } from "./clients.mjs"
import { prepare } from "./prepare.mjs"
import {
  bench,
  browser,
  build,
  describe,
  format,
  lint,
  namesOfFailures,
  summaryLine,
  torture,
  types,
  units,
  withoutRunning,
} from "./stages.mjs"
import {
  ensureBubblewrap,
  ensureChromium,
  ensureDocker,
  ensurePostgres,
  ensureProgram,
  ensureSwift,
} from "./system.mjs"

await prepare()

const chromium = await ensureChromium()
const postgres = await ensurePostgres()
const swift = await ensureSwift()
const others = {
  skopeo: await ensureProgram("skopeo"),
  buildah: await ensureProgram("buildah"),
  Docker: await ensureDocker(),
  podman: await ensureProgram("podman"),
  bubblewrap: await ensureBubblewrap(),
  nginx: await ensureProgram("nginx"),
  "what e2e/clients names": await ensureClients(),
}

// Several of the next stages would do it at the same time; they also report it if it fails.
await bundleIfStale().catch(() => {})

// Most of these tests wait, for processes, containers and deadlines: one after another, they would leave half of the
// machine idle. Together they get as many workers as keep all of it busy. The types come before the build, because both
// write the types of the routes.
const typed = types()
const building = typed.then(build)
const outcomes = await Promise.all([
  typed,
  lint(),
  format(),
  units("sqlite", 1.5),
  postgres
    ? units("postgres", 1)
    : withoutRunning("tests on postgres", { skipped: 1 }, "PostgreSQL is not installed, NOTHING RAN ON IT"),
  swift
    ? units("s3", 1)
    : withoutRunning("tests on s3", { skipped: 1 }, "Swift is not installed, NOTHING RAN ON A BUCKET"),
  building,
])
const built = await building

if (built.failed > 0)
  outcomes.push(await withoutRunning("browser", { skipped: 1 }, "the build failed, NO BROWSER TEST RAN"))
else if (!chromium)
  outcomes.push(
    await withoutRunning("browser", { failed: 1 }, "there is no Chromium, NO BROWSER TEST RAN; set CHROMIUM_PATH"),
  )
else outcomes.push(await browser(chromium))
outcomes.push(
  await (built.failed > 0
    ? withoutRunning("torture", { skipped: 1 }, "the build failed, NOTHING WAS TRIED")
    : torture()),
)
outcomes.push(
  await (built.failed > 0
    ? withoutRunning("bench", { skipped: 1 }, "the build failed, NOTHING WAS MEASURED")
    : bench()),
)
for (const [name, path] of Object.entries(others))
  if (!path) console.log(`! ${name} is not installed: what needs it was SKIPPED`)

console.log(`\n${outcomes.map(describe).join("\n")}\n\n${namesOfFailures(outcomes)}${summaryLine(outcomes)}`)
process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0
