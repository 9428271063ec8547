import { spawn } from "node:child_process"
import { chmodSync, closeSync, openSync, statSync, writeFileSync } from "node:fs"
import { createServer as createWebServer } from "node:http"
import { createServer, type AddressInfo } from "node:net"
import { join } from "node:path"
import { TOTP } from "otpauth"
import { afterEach, describe, expect, test, vi } from "vitest"

import { closeDatabase } from "@/db"
import { env } from "@/env"
import { reservedNames } from "@/lib/owners/schema"
import { findSessionAccount } from "@/lib/sessions/session"
import { signedIn } from "@/lib/test/accounts"
import { isWellFormed } from "@/lib/tokens/secret"
import { authenticateToken } from "@/lib/tokens/token"
import { main } from "./command-line"
import { blankEnvFile } from "./env-file.mjs"
import { freePort } from "./postgres.mjs"
import { sampleLogin, sampleModels } from "./samples"
import { temporaryFolder } from "./temporary-folder.mjs"

type Outcome = { code: number | null; stdout: string; stderr: string }

/** Runs the command as an operator does, in a separate process. Its stdin is empty unless `input` is given. */
function npmRunCli(args: string[], settings: Record<string, string>, input?: string): Promise<Outcome> {
  const environment = {
    PATH: process.env.PATH,
    NODE_ENV: "production",
    ...blankEnvFile(),
    DATABASE_URL: "",
    ...settings,
  }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["scripts/cli.mjs", ...args], {
      env: environment as unknown as NodeJS.ProcessEnv,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    })
    let [stdout, stderr] = ["", ""]
    child.stdout!.setEncoding("utf8").on("data", (text) => (stdout += text))
    child.stderr!.setEncoding("utf8").on("data", (text) => (stderr += text))
    child.once("error", reject)
    child.once("close", (code) => resolve({ code, stdout, stderr }))
    child.stdin?.end(input)
  })
}

/** Runs a command in this process, which saves a second of startup, on this test file's instance. */
async function cli(...args: string[]): Promise<Outcome> {
  const printed = { stdout: "", stderr: "" }
  vi.spyOn(console, "log").mockImplementation((text) => void (printed.stdout += `${text}\n`))
  vi.spyOn(console, "error").mockImplementation((text) => void (printed.stderr += `${text}\n`))
  const code = await main(args).finally(() => vi.restoreAllMocks())
  return { code, ...printed }
}

const instances = temporaryFolder("cli")
let count = 0
const aNewFolder = () => join(instances, String(count++))

/** Switches to another instance, a new one unless a folder is given. */
async function aNewInstance(folder = aNewFolder()): Promise<string> {
  await closeDatabase()
  return (env.DATA_DIR = folder)
}

const asConfigured = { ...env }
afterEach(async () => {
  await closeDatabase()
  Object.assign(env, asConfigured)
})

const slow = 300_000

test(
  "what a command writes is its user's alone to read",
  async () => {
    const tell = `process.argv[1]?.endsWith("cli.ts")&&process.on("exit",()=>console.error("umask",process.umask()))`
    const preload = `--import data:text/javascript,${encodeURIComponent(tell)}`
    const { stderr } = await npmRunCli(["user", "list"], { DATA_DIR: aNewFolder(), NODE_OPTIONS: preload })
    expect(stderr).toContain(`umask ${0o077}`)
  },
  slow,
)

test(
  "an account and its token, from a shell",
  async () => {
    const DATA_DIR = aNewFolder()
    expect(await npmRunCli(["user", "add", "alice"], { DATA_DIR }, "a piped password\nand more\n")).toEqual({
      code: 0,
      stderr: "",
      stdout: "Created the account alice. As the first account, it is the administrator.\n",
    })
    const token = await npmRunCli(["token", "issue", "alice", "--name", "laptop"], { DATA_DIR })
    expect(token).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^us_\w{37}\n$/) })
    expect(await npmRunCli(["user", "add", "alice"], { DATA_DIR })).toMatchObject({ code: 1, stdout: "" })

    await aNewInstance(DATA_DIR)
    expect((await authenticateToken(token.stdout.trim(), "api"))?.username).toBe("alice")
    const secret = await signedIn(
      { username: "alice", password: "a piped password" },
      { address: null, user_agent: null },
    )
    expect((await findSessionAccount(secret))?.username).toBe("alice")
  },
  slow,
)

test(
  "a setting that is wrong is named in one line, and nothing is made",
  async () => {
    const DATA_DIR = aNewFolder()
    const { code, stdout, stderr } = await npmRunCli(["user", "list"], { DATA_DIR, PORT: "many" })
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toMatch(/^The configuration is invalid: PORT .*\n$/)
    expect(statSync(DATA_DIR, { throwIfNoEntry: false })).toBeUndefined()
  },
  slow,
)

describe("how it is used", () => {
  test.each([[[]], [["help"]], [["--help"]], [["frobnicate"]], [["user"]]])(
    "is the answer to %j, and the exit code 2",
    async (args) => {
      const { code, stdout, stderr } = await cli(...args)
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
      for (const line of [
        "user add NAME [--password P]",
        "user list",
        "token issue OWNER --name N [--scopes read,write,push] [--expires-in-days D]",
        "seed",
        "doctor",
      ])
        expect(stderr).toContain(`\n  ${line}  `)
    },
  )

  test.each([
    [["frobnicate", "--now"], 'There is no command "frobnicate --now".'],
    [["user", "add"], "NAME is missing."],
    [["token", "issue", "alice"], "--name is missing."],
    [["token", "issue", "--name", "x"], "OWNER is missing."],
    [["user", "list", "x"], '"x" is an unexpected argument.'],
    [["seed", "--force"], "Unknown option '--force'."],
  ])("stands below what is wrong with %j", async (args, complaint) => {
    const { code, stderr } = await cli(...args)
    expect(code).toBe(2)
    expect(stderr.startsWith(`${complaint}\n\nUsage: npm run -s cli -- COMMAND\n`)).toBe(true)
  })
})

describe("accounts", () => {
  test("are listed by name", async () => {
    await aNewInstance()
    expect((await cli("user", "list")).stdout).toBe(
      "There are no accounts yet. The first one becomes the administrator.\n",
    )
    await cli("user", "add", "robin-redbreast", "--password", "correct horse battery")
    await cli("user", "add", "alice", "--password", "correct horse battery")

    const { code, stdout } = await cli("user", "list")
    expect(code).toBe(0)
    expect(stdout.replace(/\d{4}-\d\d-\d\d/g, "DATE").split("\n")).toEqual([
      "name             kind  admin  models  created",
      "alice            user  no     0       DATE",
      "robin-redbreast  user  yes    0       DATE",
      "",
    ])
  })

  test("print their token and nothing else", async () => {
    await cli("user", "add", "bob", "--password", "correct horse battery")
    const { code, stdout, stderr } = await cli("token", "issue", "bob", "--name", "laptop")
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(isWellFormed(stdout.slice(0, -1))).toBe(true)
  })

  test("lose their second step at the operator's word, and the log says so", async () => {
    const { addUser, actorFor } = await import("@/lib/owners/owner")
    const { listEvents } = await import("@/lib/events/list")
    const { beginTwoFactorSetup, enableTwoFactor, getTwoFactorStatus } = await import("@/lib/two-factor/two-factor")
    await aNewInstance()
    await cli("user", "list")
    const owner = await addUser({ username: "carol" })
    const actor = actorFor(owner, "web")
    const { setupToken, secret } = await beginTwoFactorSetup(actor, "", "localhost")
    await enableTwoFactor(actor, { setupToken, code: new TOTP({ secret }).generate() }, null)
    expect(await cli("two-step", "off", "carol")).toEqual({
      code: 0,
      stderr: "",
      stdout: "carol now signs in with the password only.\n",
    })
    expect(await getTwoFactorStatus(owner.id)).toBeNull()
    expect((await listEvents(actor, owner)).rows[0]).toMatchObject({ action: "factor.dropped", via: "cli" })
    expect(await cli("two-step", "off", "carol")).toEqual({
      code: 1,
      stderr: "Two-step sign-in is off for carol.\n",
      stdout: "",
    })
  })

  test.each([
    [
      ["user", "add", "dora", "--password", "correct horse battery"],
      "The username dora is taken.\n- username: This username is taken. Choose another.\n",
    ],
    [
      ["user", "add", "Dora!", "--password", "correct horse battery"],
      "The following errors occurred:\n- Use only lowercase letters, numbers and dashes.\n",
    ],
    [
      ["user", "add", "emil", "--password", "short"],
      "The following errors occurred:\n- A password has at least 8 characters.\n",
    ],
    [
      ["user", "add", "emil", "--password", "1q2w3e4r5t"],
      "The following errors occurred:\n- password: This is a common password. Choose another, such as several random words.\n",
    ],
    [["user", "add", "emil", "--password", ""], "The following errors occurred:\n- Choose a password.\n"],
    [["token", "issue", "nobody", "--name", "x"], "There is no account named nobody.\n"],
    [["two-step", "off", "nobody"], "There is no account named nobody.\n"],
    [["token", "issue", "dora", "--name", " "], "The following errors occurred:\n- name: Enter a name.\n"],
  ])("%j is refused on stderr, with the exit code 1", async (args, stderr) => {
    await cli("user", "add", "dora", "--password", "correct horse battery")
    expect(await cli(...args)).toEqual({ code: 1, stdout: "", stderr })
  })
})

describe("seed", () => {
  test("adds the samples once, and says how to sign in while it still knows", async () => {
    await aNewInstance()
    const first = await cli("seed")
    expect(first).toMatchObject({ code: 0, stderr: "" })
    const [, password] =
      /^Sign in as juniper with the password ([\w-]{16}) \(.*administrator\)\nAdded 5 accounts and 21 models\.\n$/.exec(
        first.stdout,
      )!
    await expect(
      signedIn({ username: "juniper", password: password! }, { address: null, user_agent: null }),
    ).resolves.toBeDefined()

    expect(await cli("seed")).toEqual({
      code: 0,
      stderr: "",
      stdout: "All samples exist already. Nothing was changed.\n",
    })
    expect((await cli("user", "list")).stdout).toContain("juniper        user  yes    5 ")
  })

  test("carries on where it was cut short", async () => {
    await aNewInstance()
    env.MODELS_PER_ACCOUNT = 4
    expect(await cli("seed")).toMatchObject({ code: 1, stderr: expect.stringContaining("juniper has 4 models") })
    env.MODELS_PER_ACCOUNT = 1000
    expect((await cli("seed")).stdout).toMatch(/^Added 0 accounts and \d+ models\.\n$/)
    expect((await cli("seed")).stdout).toContain("Nothing was changed.")
  })

  test("leaves a person alone who has the name of a sample", async () => {
    await aNewInstance()
    const { addUser, actorFor } = await import("@/lib/owners/owner")
    const { createModel } = await import("@/lib/models/model")
    await cli("user", "list")
    const person = await addUser({ username: sampleLogin })
    await createModel(actorFor(person, "cli"), {
      owner: sampleLogin,
      name: "my-own-work",
      visibility: "private",
      hardware: "cpu",
    })

    expect(await cli("seed")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringContaining("somebody here has it"),
    })
    expect((await cli("user", "list")).stdout.split("\n")).toHaveLength(3)
  })

  test("has varied samples, under names that are not reserved", () => {
    expect(reservedNames).not.toContain(sampleLogin)
    const variety = (of: (model: (typeof sampleModels)[number]) => unknown) => new Set(sampleModels.map(of)).size
    expect(variety(({ owner }) => owner)).toBeGreaterThanOrEqual(4)
    expect(variety(({ hardware }) => hardware)).toBeGreaterThanOrEqual(8)
    expect(variety(({ visibility }) => visibility)).toBe(2)
    expect(variety(({ owner, name }) => `${owner}/${name}`)).toBe(sampleModels.length)
  })
})

describe("doctor", () => {
  const lineAbout = ({ stdout }: Outcome, what: string) =>
    stdout.split("\n").find((line) => line.slice(6).startsWith(`${what} `))

  test("makes nothing where there is nothing yet", async () => {
    const folder = await aNewInstance()
    const outcome = await cli("doctor")
    expect(outcome).toMatchObject({ code: 0, stderr: "" })
    expect(lineAbout(outcome, "data folder")).toMatch(/^WARN .* does not exist yet/)
    expect(lineAbout(outcome, "database")).toMatch(/^WARN .* does not exist yet/)
    expect(statSync(folder, { throwIfNoEntry: false })).toBeUndefined()
  })

  test("finds nothing wrong with an installation in use", async () => {
    await aNewInstance()
    env.PORT = await freePort()
    await cli("user", "list")
    const outcome = await cli("doctor")
    expect(outcome).toMatchObject({ code: 0, stderr: "" })
    for (const what of [
      "Node",
      "data folder",
      "secret",
      "database",
      "integrity",
      "migrations",
      "port",
      "public URL",
      "GitHub",
    ])
      expect(lineAbout(outcome, what), what).toMatch(/^ok {4}/)
    expect(lineAbout(outcome, "disk")).toMatch(/\d+ [MG]B free/)
    expect(lineAbout(outcome, "database")).toMatch(/SQLite 3\.\d+/)
  })

  test("tries the engines that run models, and says what is missing", async () => {
    await aNewInstance()
    env.RUN_ENGINE = "process"
    expect(lineAbout(await cli("doctor"), "engine process")).toMatch(
      /^ok .* isolates them\.|^WARN .* See docs\/running\.md#isolation\.$/,
    )
    Object.assign(env, { RUN_ENGINE: "docker" })
    process.env.DOCKER_HOST = "unix:///nowhere/docker.sock"
    const outcome = await cli("doctor")
    expect(lineAbout(outcome, "engine docker")).toMatch(/^FAIL .*No engine answers at \/nowhere\/docker\.sock/)
    expect(outcome.code).toBe(1)
    delete process.env.DOCKER_HOST
    env.RUN_ENGINE = "off"
    expect(lineAbout(await cli("doctor"), "models")).toMatch(/^ok .*RUN_ENGINE=off/)
  })

  test("warns of what works but should not stay", async () => {
    const folder = await aNewInstance()
    await cli("user", "list")
    writeFileSync(join(folder, "auth-secret"), "s".repeat(64), { mode: 0o644 })
    chmodSync(folder, 0o755)
    Object.assign(env, { PUBLIC_URL: "http://models.example.com", GITHUB_ID: "x" })

    const outcome = await cli("doctor")
    expect(outcome.code).toBe(0)
    expect(lineAbout(outcome, "data folder")).toBe(
      `WARN  data folder  Other users of this machine can read ${folder}. Run: chmod 700 ${folder}`,
    )
    expect(lineAbout(outcome, "secret")).toMatch(/^WARN .*chmod 600/)
    expect(lineAbout(outcome, "public URL")).toMatch(/^WARN .*unencrypted/)
    expect(lineAbout(outcome, "GitHub")).toMatch(/^WARN .*GITHUB_SECRET is not set/)
  })

  test("names the files in a readable data folder that others can read", async () => {
    const folder = await aNewInstance()
    await cli("user", "list")
    chmodSync(join(folder, "understudy.db"), 0o644)
    expect((await cli("doctor")).stdout).not.toContain("The next start limits")
    chmodSync(folder, 0o755)
    expect((await cli("doctor")).stdout).toMatch(
      /^WARN {2}data folder {2}Other users of this machine can read understudy\.db\b.* in it\. The next start limits them to their owner\.$/m,
    )
  })

  test("tells of a proxy that refuses the largest upload", async () => {
    await aNewInstance()
    await cli("user", "list")
    let answer: [status: number, type: string] = [413, "text/html"]
    const proxy = createWebServer((request, response) => {
      expect([request.method, request.url]).toEqual(["POST", "/v1/files"])
      response
        .writeHead(Number(request.headers["content-length"]) > 1e6 ? answer[0] : 400, { "content-type": answer[1] })
        .end()
    })
    await new Promise<void>((ready) => proxy.listen(0, "127.0.0.1", ready))
    env.PUBLIC_URL = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    expect(lineAbout(await cli("doctor"), "uploads")).toMatch(/^WARN .* refuses uploads of 100 MB\./)
    answer = [401, "application/problem+json"]
    expect(lineAbout(await cli("doctor"), "uploads")).toMatch(/^ok .* 100 MB reach the server/)
    proxy.close()
    expect(lineAbout(await cli("doctor"), "uploads")).toBeUndefined()
  })

  test("tells of forms that were refused because of where they came from, until PUBLIC_URL says so", async () => {
    const folder = await aNewInstance()
    await cli("user", "list")
    const noted = { origin: "https://models.example.com", own: "http://127.0.0.1:3000", at: "2026-11-28T12:00:00.000Z" }
    writeFileSync(join(folder, "refused-origin.json"), JSON.stringify(noted))
    expect(lineAbout(await cli("doctor"), "forms")).toBe(
      "WARN  forms        A form from https://models.example.com was rejected at 2026-11-28T12:00:00.000Z, because the server's own origin is http://127.0.0.1:3000. If people use that address, set PUBLIC_URL=https://models.example.com.",
    )
    env.PUBLIC_URL = noted.origin
    expect(lineAbout(await cli("doctor"), "forms")).toBeUndefined()
  })

  test("sees migrations that wait, and a database that is ahead of us", async () => {
    await aNewInstance()
    await cli("user", "list")
    const { databaseHandle } = await import("@/db")
    databaseHandle().sqlite!.exec("update __drizzle_migrations set created_at = 1")
    expect(lineAbout(await cli("doctor"), "migrations")).toMatch(/^WARN .* are pending/)
    databaseHandle().sqlite!.exec("update __drizzle_migrations set created_at = 9999999999999")
    const outcome = await cli("doctor")
    expect(lineAbout(outcome, "migrations")).toMatch(/^FAIL .*newer release/)
    expect(outcome.code).toBe(1)
    const refused = await cli("user", "list")
    expect(refused.stderr).toContain("newer release")
    expect(refused).toMatchObject({ code: 1, stdout: "" })
  })

  test("leaves with 1 when the database is damaged, the port taken or the address unusable", async () => {
    const folder = await aNewInstance()
    await cli("user", "list")
    writeFileSync(join(folder, "understudy.db"), "this is not a database, however long it goes on ".repeat(100))
    const port = await freePort()
    const stranger = createServer((socket) => socket.end("nothing of ours\n"))
    await new Promise<void>((resolve) => stranger.listen(port, "0.0.0.0", resolve))
    Object.assign(env, { PORT: port, PUBLIC_URL: "https://example.com/models" })

    const outcome = await cli("doctor")
    stranger.close()
    expect(outcome.code).toBe(1)
    expect(lineAbout(outcome, "database")).toMatch(/^FAIL .*It cannot be opened: file is not a database/)
    expect(lineAbout(outcome, "port")).toBe(`FAIL  port         Another program uses ${port}. Set PORT to a free one.`)
    expect(lineAbout(outcome, "public URL")).toMatch(/^FAIL .*Set it to https:\/\/example\.com or/)
  })

  test("knows its own installation on the port", async () => {
    const { buildApi } = await import("@/app/v1/api")
    const api = await buildApi()
    env.HOST = "127.0.0.1"
    env.PORT = await freePort()
    await api.listen({ port: env.PORT, host: env.HOST })
    const outcome = await cli("doctor")
    await api.close()
    expect(lineAbout(outcome, "port")).toBe(`ok    port         Understudy is running on ${env.PORT}.`)
  })
})

test(
  "a database that cannot be opened is named with the setting it comes from",
  async () => {
    const folder = await aNewInstance()
    writeFileSync(folder, "not a folder")
    expect(await cli("user", "list")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`The database in DATA_DIR (${folder}) cannot be used: EEXIST`),
    })
    const outcome = await npmRunCli(["user", "list"], {
      DATABASE_URL: "postgres://alice:secret@127.0.0.1:1/models",
      DATA_DIR: aNewFolder(),
    })
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        "The database that DATABASE_URL names (127.0.0.1:1) cannot be used: connect ECONNREFUSED",
      ),
    })
    expect(outcome.stderr).not.toContain("secret")
  },
  slow,
)

test.each(["", " ", "-1", "soon", "Infinity", "1e10"])(
  "a sweep takes a number of hours, and %j is none: nothing is swept",
  async (hours) => {
    await aNewInstance()
    expect(await cli("gc", `--older-than-hours=${hours}`)).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "--older-than-hours requires a number of hours.\n",
    })
  },
)

test("bundled models are listed, and what is in no catalogue is not added", async () => {
  await aNewInstance()
  const { code, stdout } = await cli("models", "list")
  expect(code).toBe(0)
  expect(stdout).toMatch(/^echo +included +Says back/m)
  expect(stdout).toMatch(/^upscale +can be added +Makes a picture/m)
  expect(await cli("models", "add", "nothing")).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("There is no model nothing to add. There are: upscale, classify-image."),
  })
})

test("a restore publishes the bundled models of this release, which an older backup lacks", async () => {
  const folder = await aNewInstance()
  await cli("user", "add", "alice", "--password", "long enough")
  expect((await cli("backup", `${folder}.backup`)).code).toBe(0)
  env.RUN_BUNDLED = "on"
  expect(await cli("restore", `${folder}.backup`)).toMatchObject({ code: 0, stderr: "" })
  expect((await cli("user", "list")).stdout).toMatch(/^understudy +organization +no +5 /m)
})

test(
  "collections are made, filled, listed and deleted",
  async () => {
    await aNewInstance()
    expect((await cli("collection", "create", "food", "--name", "Food")).stderr).toContain(
      "There is no administrator yet.",
    )
    await cli("user", "add", "alice", "--password", "long enough")
    await cli("seed")
    const { owner, name } = sampleModels.find(({ visibility }) => visibility === "public")!

    expect((await cli("collection", "list")).stdout).toBe("There are no collections yet.\n")
    expect(await cli("collection", "create", "food", "--name", "Food")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Created the collection food."),
    })
    expect(await cli("collection", "create", "food", "--name", "Food")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("taken"),
    })
    expect(await cli("collection", "add", "food", `${owner}/${name}`)).toEqual({
      code: 0,
      stdout: `Added ${owner}/${name} to food.\n`,
      stderr: "",
    })
    expect(await cli("collection", "add", "food", `${owner}/never`)).toMatchObject({
      code: 1,
      stderr: `There is no collection food, or no public model ${owner}/never.\n`,
    })
    expect(await cli("collection", "add", "food", "nonsense")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"nonsense" is not a model reference.'),
    })
    expect((await cli("collection", "list")).stdout).toBe("slug  models  name\nfood  1       Food\n")
    expect(await cli("collection", "remove", "food", `${owner}/${name}`)).toMatchObject({ code: 0 })
    expect((await cli("collection", "list")).stdout).toContain("food  0       Food")
    expect(await cli("collection", "delete", "food")).toMatchObject({ code: 0 })
    expect(await cli("collection", "delete", "food")).toMatchObject({
      code: 1,
      stderr: "There is no collection food.\n",
    })
  },
  slow,
)

/** Runs a command whose output goes to a file descriptor, or to a reader that is gone. */
async function withStdout(stdout: number | "gone", args: string[]): Promise<Omit<Outcome, "stdout">> {
  const child = spawn(process.execPath, ["scripts/cli.mjs", ...args], {
    env: { PATH: process.env.PATH, ...blankEnvFile(), DATABASE_URL: "", DATA_DIR: aNewFolder() } as never,
    stdio: ["ignore", stdout === "gone" ? "pipe" : stdout, "pipe"],
  })
  child.stdout?.destroy()
  let stderr = ""
  child.stderr!.setEncoding("utf8").on("data", (text) => (stderr += text))
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve))
  return { code, stderr }
}

test("a reader that has seen enough, such as head, is no failure", async () => {
  expect(await withStdout("gone", ["user", "list"])).toEqual({ code: 0, stderr: "" })
  expect((await withStdout("gone", ["doctor"])).stderr).toBe("")
})

test.runIf(process.platform === "linux")("a result that could not be written is a failure", async () => {
  const full = openSync("/dev/full", "w")
  const { code, stderr } = await withStdout(full, ["user", "list"])
  closeSync(full)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^The output could not be written: ENOSPC/)
})
