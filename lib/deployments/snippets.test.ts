import { afterAll, beforeAll, expect, test } from "vitest"

import { buildApi } from "@/app/v1/api"
import { env } from "@/env"
import { publishBundledModels } from "@/lib/bundled/publish"
import type { Actor } from "@/lib/auth/actor"
import { openSecrets } from "@/lib/predictions/input"
import { listPredictions } from "@/lib/predictions/prediction"
import { variableOf } from "@/lib/predictions/snippets"
import { anAccount, aToken } from "@/lib/test/factories"
import { aRunningHub } from "@/lib/test/running"
import { executeSnippet } from "@/lib/test/snippets"
import { createDeploymentSnippets } from "./create-snippets"
import { createDeployment, getDeployment, type Deployment } from "./deployment"
import { deploymentSnippets } from "./snippets"

// Executes every snippet, as printed, against the API.

const input = {
  text: 'It\'s "quoted", $HOME `id` \\ ü 😀\nand a second line',
  repeat: 2,
  words: ["a'b", 'c"d', ""],
  options: { "a key": [null, true, { b: [] }] },
  secret: "hunter2",
}

let api: Awaited<ReturnType<typeof buildApi>>
let hub: Awaited<ReturnType<typeof aRunningHub>>
let origin: string
let actor: Actor
let token: string
let deployment: Deployment
beforeAll(async () => {
  env.RUN_BUNDLED = "on"
  await publishBundledModels()
  hub = await aRunningHub()
  api = await buildApi()
  origin = await api.listen({ host: "127.0.0.1", port: 0 })
  actor = (await anAccount()).actor
  token = await aToken(actor)
  deployment = await createDeployment(actor, {
    name: "greeter",
    model: "understudy/echo",
    version: "latest",
    hardware: "cpu-small",
    min_instances: 1,
    max_instances: 1,
  })
})
afterAll(async () => {
  await api.close()
  await hub.close()
})

const execute = (id: string) => {
  const { owner, name } = deployment
  const { code } = deploymentSnippets({ origin, owner, name, input, secrets: ["secret"] }).find((one) => one.id === id)!
  expect(code).not.toContain("hunter2")
  return executeSnippet(id, code, { REPLICATE_API_TOKEN: token, [variableOf("secret")]: "hunter2" })
}

test.each(["javascript", "python", "curl"])(
  "%s, as printed, calls the deployment with exactly this input and shows the prediction",
  { timeout: 120_000 },
  async (id) => {
    const printed = await execute(id)
    const [newest] = (await listPredictions(actor, {}, undefined, undefined, 1)).rows
    expect(openSecrets(newest!.id, newest!.input!, newest!.secrets)).toMatchObject(input)
    expect(newest).toMatchObject({ deployment: `${deployment.owner}/greeter`, status: "succeeded" })
    expect(printed).toContain(newest!.id)
    expect(printed).toContain("quoted")
  },
)

test("the command line, as printed, shows the deployment", { timeout: 120_000 }, async () => {
  expect(JSON.parse(await execute("cli"))).toMatchObject({ owner: deployment.owner, name: "greeter" })
})

test.each(["curl", "javascript", "python", "cli"])(
  "%s, as printed, creates the deployment that a form describes",
  { timeout: 120_000 },
  async (id) => {
    const values = {
      owner: actor.username,
      name: `made-with-${id}`,
      model: "understudy/echo",
      version: "latest",
      follows: "",
      hardware: "cpu-small",
      min_instances: "0",
      max_instances: "2",
      monthly_cap_usd: "12.50",
      idle_seconds: "90",
      queue_limit: "",
    }
    const { code } = createDeploymentSnippets(origin, values).find((one) => one.id === id)!
    await executeSnippet(id, code, { REPLICATE_API_TOKEN: token })
    const made = await getDeployment(actor, actor.username, values.name)
    expect(made).toMatchObject({ queue_limit: null, release: { hardware: "cpu-small", max_instances: 2 } })
    if (id === "cli") expect(code).toContain("cannot set monthly_cap_usd, idle_seconds")
    else expect(made).toMatchObject({ monthly_cap_usd: "12.50", release: { idle_seconds: 90 } })
  },
)
