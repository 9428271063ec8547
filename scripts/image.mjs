// `npm run image:check`: builds the container's image from the Dockerfile and runs it with the settings of
// compose.yaml. About three minutes.
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { buildahIn, makeBaseImage, openImage, startContainer } from "./container.mjs"
import { prepare, root as project } from "./prepare.mjs"
import { ensureProgram } from "./system.mjs"
import { temporaryFolder } from "./temporary-folder.mjs"

await prepare()
for (const program of ["buildah", "debootstrap", "runc", "tini"]) {
  if (process.getuid?.() === 0 && (await ensureProgram(program))) continue
  console.error(`This needs ${program}, and root to run it: on Debian it is installed when it is missing.`)
  process.exit(2)
}

const folder = temporaryFolder("image")
const buildah = buildahIn(folder)
let failed = 0
let passed = 0
let began = performance.now()

/** Prints one line for each requirement. @param {string} what @param {boolean} so @param {unknown} [seen] */
function check(what, so, seen = "") {
  if (so) passed++
  else failed++
  console.log(`${so ? "✓" : "✗"} ${what}${seen === "" ? "" : ` – ${String(seen).trim()}`}`)
}
const took = () => {
  const seconds = Math.round((performance.now() - began) / 1000)
  began = performance.now()
  return `${seconds} s`
}

// Built from a copy with files that must never get into an image.
const context = join(folder, "context")
const stray = [
  ".env",
  ".env.production",
  "app/.env.local",
  "data/understudy.db",
  "understudy-2026-01-01.db",
  "files/secret",
  ".git/config",
]
cpSync(project, context, {
  recursive: true,
  filter: (path) => !/^(node_modules|\.next|\.git|data|\.env.*|test-results)$/.test(relative(project, path)),
})
for (const path of stray) {
  mkdirSync(join(context, path, ".."), { recursive: true })
  writeFileSync(join(context, path), "AUTH_SECRET=must-not-be-in-an-image\n")
}

const from = /^FROM (node:24-(\w+)-slim)\b/m.exec(readFileSync("Dockerfile", "utf8"))
await makeBaseImage(folder, { buildah, tag: `docker.io/library/${from[1]}`, debian: from[2] })
console.log(`  a stand-in for ${from[1]} – ${took()}`)
// Docker's format, because the other one has no health check.
await buildah("bud", "--isolation", "chroot", "--pull-never", "--format", "docker", "-t", "understudy", context)
const image = await openImage("understudy", { buildah })
check("the image is built", true, `${image.size}, ${took()}`)

const files = readdirSync(image.root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
const sources = files
  .map((entry) => relative(join(image.root, "srv/understudy"), join(entry.parentPath, entry.name)))
  .filter((path) => !/^(\.\.|node_modules|\.next)\//.test(path))
check(
  "it holds no settings, data, history or tests",
  !sources.some((path) => stray.includes(path) || /\.env|\.git|\.db$|\.test\.|^(e2e|docs|data)\//.test(path)),
  `${sources.length} files of ours`,
)
const [uid] = image.config.User.split(":").map(Number)
const own = files.filter((entry) => {
  const { uid: owner, mode } = statSync(join(entry.parentPath, entry.name))
  return owner === uid || (mode & 0o002) !== 0
})
check(
  "nothing in it can be changed by the account that runs it",
  own.length === 0,
  own
    .slice(0, 3)
    .map((entry) => entry.name)
    .join(" "),
)

const volume = join(folder, "volume")
const health = image.config.Healthcheck.Test.slice(1)
const cli = (container, ...args) => container.exec("npm", "run", "-s", "cli", "--", ...args)
/** A request from inside: the status, and the body as text. */
async function ask(container, path, options = {}) {
  const program =
    "const [path, options] = JSON.parse(process.argv[1]); const r = await fetch('http://127.0.0.1:3000' + path, options); console.log(r.status + ' ' + await r.text())"
  const { stdout } = await container.exec("node", "--input-type=module", "-e", program, JSON.stringify([path, options]))
  return { status: Number(stdout.slice(0, 3)), body: stdout.slice(4) }
}
async function isHealthy(container, seconds = 30) {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(200))
    if ((await container.exec(...health)).code === 0) return true
  return false
}

const first = await startContainer(folder, image, { volume })
took()
check("the health check passes once it has started", await isHealthy(first), took())
check("/readyz", (await ask(first, "/readyz")).status === 200)
const status = (await first.exec("cat", "/proc/self/status")).stdout
check(
  "an account of its own, no capabilities, no new ones",
  /^Uid:\s10001\s/m.test(status) &&
    /^CapEff:\s0+$/m.test(status) &&
    /^CapBnd:\s0+$/m.test(status) &&
    /^NoNewPrivs:\s1$/m.test(status),
)
const writable = await first.exec(
  "sh",
  "-c",
  "for d in / /srv/understudy /srv/understudy/.next /etc /usr/local/bin /data /tmp; do touch $d/probe 2>/dev/null && echo $d; done; rm -f /data/probe",
)
check("only /data and /tmp can be written", writable.stdout === "/data\n/tmp\n", writable.stdout.replaceAll("\n", " "))

await cli(first, "user", "add", "alice")
const token = (await cli(first, "token", "issue", "alice", "--name", "check")).stdout.trim()
const authorization = `Bearer ${token}`
const model = {
  owner: "alice",
  name: "hotdog",
  visibility: "private",
  hardware: "cpu",
  description: "Tells hot dogs apart",
}
const created = await ask(first, "/v1/models", {
  method: "POST",
  headers: { authorization, "content-type": "application/json" },
  body: JSON.stringify(model),
})
check("a model is created over REST", created.status === 201, created.status === 201 ? "" : created.body)
const shown = {
  ...model,
  name: "shown",
  visibility: "public",
  description: "Draws 日本語, हिन्दी and العربية in pictures 🎨, though no font for them is near",
}
await ask(first, "/v1/models", {
  method: "POST",
  headers: { authorization, "content-type": "application/json" },
  body: JSON.stringify(shown),
})
const pages = []
for (const path of [
  "/",
  "/explore",
  "/alice/shown",
  "/alice/shown/api",
  "/alice/shown/opengraph-image",
  "/signin",
  "/signup",
  "/v1/openapi.json",
  "/alice/shown.md",
  "/understudy/speak",
  "/understudy/read-text.json",
])
  pages.push([path, (await ask(first, path)).status])
check(
  "pages and a picture",
  pages.every(([, code]) => code === 200),
  pages.map(([path, code]) => `${path} ${code}`).join(", "),
)
const style = /\/_next\/static\/[^"]+\.css/.exec((await ask(first, "/signin")).body)?.[0]
check("a style sheet", style !== undefined && (await ask(first, style)).status === 200, style)

await first.exec("mkdir", "-p", "/data/kept")
const backup = await cli(first, "backup", "/data/kept/today.db")
check(
  "`cli backup`",
  backup.code === 0 && backup.stdout.includes("verified"),
  backup.stdout.split("\n")[0] || backup.stderr,
)
const doctor = await cli(first, "doctor")
check(
  "`cli doctor` finds nothing wrong",
  doctor.code === 0 && !doctor.stdout.includes("FAIL"),
  doctor.stdout
    .split("\n")
    .filter((line) => !line.startsWith("ok"))
    .join(" "),
)
const catalogue = await cli(first, "models", "list")
check(
  "the models that come with it are bundled",
  (catalogue.stdout.match(/ included /g) ?? []).length === 5 && !catalogue.stdout.includes("not built"),
  catalogue.stderr,
)
const run = await ask(first, "/v1/models/understudy/echo/predictions", {
  method: "POST",
  headers: { authorization, prefer: "wait", "content-type": "application/json" },
  body: JSON.stringify({ input: { text: "hello world" } }),
})
const ran = run.status === 201 ? JSON.parse(run.body) : {}
check("one of them runs", ran.status === "succeeded", ran.error ?? ran.status_detail ?? ran.status ?? run.body)
const dump = await first.exec("pg_dump", "--version")
check(
  "pg_dump and pg_restore",
  dump.code === 0 && (await first.exec("pg_restore", "--version")).code === 0,
  dump.stdout,
)

const end = await first.stop()
check(
  "SIGTERM is a clean end inside the grace period",
  end.code === 0 && end.seconds < first.grace,
  `exit ${end.code} after ${end.seconds.toFixed(1)} of ${first.grace} s`,
)
const complaints = first
  .log()
  .split("\n")
  .filter((line) => /"level":"(warn|error)"|Error|EROFS|EACCES/.test(line))
  // The container provides the isolation, because bubblewrap does not work inside one (docs/running.md).
  .filter((line) => !line.includes("models are not fully isolated"))
check("the log has no complaint", complaints.length === 0, complaints[0])

const second = await startContainer(folder, image, { volume })
await isHealthy(second)
const kept = await ask(second, "/v1/models/alice/hotdog", { headers: { authorization } })
check(
  "the model is there after a restart on the same volume",
  kept.status === 200 && JSON.parse(kept.body).description === model.description,
)
await ask(second, "/v1/models/alice/hotdog", { method: "DELETE", headers: { authorization } })
const restored = await cli(second, "restore", "/data/kept/today.db")
check(
  "`cli restore` brings back what was deleted since",
  restored.code === 0 && (await ask(second, "/v1/models/alice/hotdog", { headers: { authorization } })).status === 200,
  restored.stderr,
)
await second.stop()

const without = await startContainer(folder, image, { volume, command: ["sleep", "60"] })
for (let tries = 0; tries < 50 && (await without.exec("true")).code !== 0; tries++) await sleep(100)
check("the health check fails when no server answers", (await without.exec(...health)).code === 1)
await without.stop()

console.log(`\nimage: ${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
