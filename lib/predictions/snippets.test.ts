import { afterAll, beforeAll, describe, expect, test } from "vitest"

import { buildApi } from "@/app/v1/api"
import { env } from "@/env"
import { publishBundledModels } from "@/lib/bundled/publish"
import type { Actor } from "@/lib/auth/actor"
import { anAccount, aToken } from "@/lib/test/factories"
import { aRunningHub } from "@/lib/test/running"
import { executeSnippet } from "@/lib/test/snippets"
import { getModel } from "@/lib/models/model"
import { listPredictions } from "./prediction"
import { openSecrets } from "./input"
import { runSnippets, variableOf, type RunToWrite } from "./snippets"

// Every snippet is executed as printed, against the API: Node.js with the official client, cURL with curl. Python and
// the command line use stand-ins for the official clients (lib/test/clients/), which are not on npm.

const input = {
  text: 'It\'s "quoted", $HOME `id` \\ ü 😀\nand a second line',
  repeat: 2,
  log: false,
  ratio: 0.5,
  size: 512,
  words: ["a'b", 'c"d', ""],
  numbers: [1, 2],
  options: { "a key": [null, true, { b: [] }] },
  secret: "hunter2",
}

let api: Awaited<ReturnType<typeof buildApi>>
let hub: Awaited<ReturnType<typeof aRunningHub>>
let run: RunToWrite
let actor: Actor
let token: string
beforeAll(async () => {
  env.RUN_BUNDLED = "on"
  await publishBundledModels()
  hub = await aRunningHub()
  api = await buildApi()
  const origin = await api.listen({ host: "127.0.0.1", port: 0 })
  actor = (await anAccount()).actor
  token = await aToken(actor)
  const { latest_version } = await getModel(null, "understudy", "echo")
  run = {
    origin,
    model: "understudy/echo",
    version: latest_version!.id,
    input,
    secrets: ["secret"],
    streams: true,
  }
})
afterAll(async () => {
  await api.close()
  await hub.close()
})

const execute = (id: string, code: string) =>
  executeSnippet(id, code, { REPLICATE_API_TOKEN: token, [variableOf("secret")]: "hunter2" })

/** The input of the newest prediction, secrets included. */
async function given() {
  const [newest] = (await listPredictions(actor, {}, undefined, undefined, 1)).rows
  return openSecrets(newest!.id, newest!.input!, newest!.secrets)
}

describe.each(["javascript", "python", "curl", "cli"])("%s", (id) => {
  const snippet = () => runSnippets(run).find((one) => one.id === id)!

  test(
    "as printed, runs the version on exactly this input and shows the prediction",
    { timeout: 120_000 },
    async () => {
      const said = await execute(id, snippet().code)
      expect(await given()).toMatchObject(input)
      expect(said).toContain(run.version)
      expect(said).toContain("succeeded")
      expect(snippet().code).not.toContain("hunter2")
    },
  )

  test("as printed, streams the output of exactly this input", { timeout: 120_000 }, async () => {
    const said = await execute(id, snippet().stream!)
    expect(await given()).toMatchObject(input)
    expect(said.replace(/^(event|id): .*\n|^data: /gm, "").replaceAll(/\n+/g, "")).toContain("quoted")
  })
})

test("a number that JavaScript would round reaches the model as it is", { timeout: 120_000 }, async () => {
  const seed = 18446744073709551615n
  for (const { id, code } of runSnippets({ ...run, input: { text: "x", seed }, secrets: [] })) {
    if (id === "cli") continue
    await execute(id, code)
    expect([id, (await given()).seed]).toEqual([id, seed])
  }
})

test("where the command line would read something else, it is not offered", () => {
  for (const text of ["@file", "a {{template}}", 2n ** 64n]) {
    const cli = runSnippets({ ...run, input: { text } }).find(({ id }) => id === "cli")!
    expect(cli.code).toMatch(/^# .*text.*Use cURL\.$/)
    expect(cli.stream).toBeUndefined()
  }
})

test("an image that can be pulled runs with Docker, a private one after signing in", () => {
  const image = { reference: "here:3000/a/b@sha256:0", gpu: true, login: { host: "here:3000", account: "a" } }
  const docker = (more: Partial<RunToWrite>) => runSnippets({ ...run, ...more }).find(({ id }) => id === "docker")?.code
  expect(docker({})).toBeUndefined()
  const code = docker({ image })!
  expect(code.split("\n").slice(0, 2)).toEqual([
    'echo "$REPLICATE_API_TOKEN" | docker login here:3000 -u a --password-stdin',
    "docker run -d -p 5000:5000 --gpus all here:3000/a/b@sha256:0",
  ])
  expect(code).not.toContain("hunter2")
  expect(docker({ image: { ...image, gpu: false, login: null } })).toMatch(/^docker run -d -p 5000:5000 here/)
})

test("a model that gives its output at once has nothing to stream", () => {
  expect(runSnippets({ ...run, streams: false }).filter(({ stream }) => stream !== undefined)).toEqual([])
})
