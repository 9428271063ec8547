// Finds what the tests need beyond npm packages, and installs it where that needs no confirmation.
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { run } from "./run.mjs"

/**
 * The Chromium for browser tests, and the full browser for tests that need it. Debian's headless shell opens a page in
 * less than half the time; elsewhere the two are the same. Null if none can be found or installed.
 * @returns {Promise<{ shell: string, browser: string } | null>}
 */
export async function ensureChromium() {
  if (!process.env.CHROMIUM_PATH && mayInstall()) {
    for (const name of ["chromium", "chromium-headless-shell"]) if (!onPath(name)) await install(name)
  }
  const found = await findChromium()
  if (found) return found

  console.log("Installing Playwright's Chromium …")
  const dependencies = isRoot() && distribution() === "ubuntu" ? ["--with-deps"] : []
  const { code, output } = await run(
    process.execPath,
    ["node_modules/@playwright/test/cli.js", "install", ...dependencies, "chromium"],
    { capture: true },
  )
  if (code !== 0) console.log(output)
  return findChromium()
}

/** The folder of PostgreSQL's server programs; null if they can be neither found nor installed. */
export async function ensurePostgres() {
  return findPostgres() ?? (mayInstall() && (await install("postgresql")) ? findPostgres() : null)
}

/** A Python with OpenStack Swift, an S3-compatible store; null if it can be neither found nor installed. */
export async function ensureSwift() {
  return findSwift() ?? (mayInstall() && (await install("python3-swift")) ? findSwift() : null)
}

/**
 * The path of a program whose Debian package has its name; null if it can be neither found nor installed.
 * @param {string} name
 */
export async function ensureProgram(name) {
  return onPath(name) ?? (mayInstall() && (await install(name)) ? onPath(name) : null)
}

/** The path of bubblewrap; null if it can be neither found nor installed. */
export async function ensureBubblewrap() {
  return onPath("bwrap") ?? (mayInstall() && (await install("bubblewrap")) ? onPath("bwrap") : null)
}

/**
 * The path of Docker's engine; null if it can be neither found nor installed. Without root it would need further setup.
 */
export async function ensureDocker() {
  const here = () => (onPath("docker") ? onPath("dockerd") : null)
  return here() ?? (mayInstall() && (await install("docker.io")) ? here() : null)
}

/** The path of libfaketime, which changes a process's clock; null if it can be neither found nor installed. */
export async function ensureFaketime() {
  const here = () =>
    ["x86_64", "aarch64"]
      .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
      .find((path) => existsSync(path)) ?? null
  return here() ?? (mayInstall() && (await install("libfaketime")) ? here() : null)
}

/**
 * The folder of these programs of PostgreSQL, or null. Debian keeps them out of the PATH, in a folder per version.
 * @param {string[]} programs
 */
export function findPostgres(programs = ["initdb", "postgres"]) {
  const installed = "/usr/lib/postgresql"
  const versions = existsSync(installed) ? readdirSync(installed).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...(process.env.PATH ?? "").split(delimiter),
    ...versions.map((version) => join(installed, version, "bin")),
  ]
  return folders.find((folder) => programs.every((program) => existsSync(join(folder, program)))) ?? null
}

/** Debian's own Python: another one in the PATH cannot import Debian's packages. */
export function findSwift() {
  return (
    ["/usr/bin/python3", onPath("python3")].find(
      (path) => path && spawnSync(path, ["-c", "import swift.common.middleware.s3api, swift.obj.server"]).status === 0,
    ) ?? null
  )
}

async function findChromium() {
  const { chromium } = await import("@playwright/test")
  // Ubuntu's chromium-browser is only a stub, so each candidate is run.
  const works = (path) => path && existsSync(path) && spawnSync(path, ["--version"], { timeout: 20_000 }).status === 0
  const installed = ["chromium", "chromium-browser", "google-chrome"].map(onPath)
  const browser = [process.env.CHROMIUM_PATH, ...installed, chromium.executablePath()].find(works)
  if (!browser) return null
  const shell = process.env.CHROMIUM_PATH ? browser : [onPath("chromium-headless-shell"), browser].find(works)
  return { shell, browser }
}

function onPath(program) {
  return (
    (process.env.PATH ?? "")
      .split(delimiter)
      .map((folder) => join(folder, program))
      .find((path) => existsSync(path)) ?? null
  )
}

function isRoot() {
  return process.getuid?.() === 0
}

function mayInstall() {
  return isRoot() && distribution() === "debian" && onPath("apt-get") !== null
}

function distribution() {
  return existsSync("/etc/os-release") ? /^ID="?(\w+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] : undefined
}

/** Tried twice, because mirrors fail occasionally. */
async function install(name) {
  console.log(`Installing ${name} from Debian …`)
  let output = ""
  for (let attempt = 0; attempt < 2; attempt++) {
    const env = { DEBIAN_FRONTEND: "noninteractive" }
    const update = await run("apt-get", ["update", "-qq"], { capture: true, env })
    const added = await withoutStartingServices(() =>
      run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", name], { capture: true, env }),
    )
    if (added.code === 0) return true
    output = update.output + added.output
  }
  console.log(output)
  return false
}

/**
 * The tests start what they need on their own ports, so installed web servers and engines must not start by themselves.
 * Debian reads this file.
 */
async function withoutStartingServices(work) {
  const policy = "/usr/sbin/policy-rc.d"
  if (existsSync(policy)) return work()
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 })
  try {
    return await work()
  } finally {
    rmSync(policy)
  }
}
