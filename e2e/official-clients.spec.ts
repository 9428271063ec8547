import { randomBytes } from "node:crypto"
import { expect, test as base } from "@playwright/test"
import Replicate from "replicate"
import Stainless, { AuthenticationError, BadRequestError, ConflictError, NotFoundError } from "replicate-stainless"

import { anAccount } from "./accounts"
import { countingProxy } from "./counting-proxy"
import { withTools } from "./mcp"
import { remember } from "./secrets"

const test = base.extend<{ api: string; gateway: Awaited<ReturnType<typeof countingProxy>> }>({
  api: async ({ baseURL }, use) => use(`${baseURL}/v1`),
  gateway: async ({ baseURL }, use) => {
    const gateway = await countingProxy(baseURL!)
    await use(gateway)
    await gateway.close()
  },
})

let account: Awaited<ReturnType<typeof anAccount>>
test.beforeAll(async () => {
  account = await anAccount()
})

const aName = () => `model-${randomBytes(5).toString("hex")}`
const wrongToken = "us_0000000000000000000000000000000000000"

test.describe("replicate", () => {
  test("creates a model, reads it, finds it and walks through the list", async ({ api }) => {
    const replicate = new Replicate({ auth: account.token, baseUrl: api })
    const [first, second] = [aName(), aName()]
    const fields = { visibility: "public", hardware: "cpu", description: `Understands ${first}` } as const

    const created = await replicate.models.create(account.username, first, fields)
    expect(created).toMatchObject({
      owner: account.username,
      name: first,
      visibility: "public",
      description: `Understands ${first}`,
      run_count: 0,
    })
    await replicate.models.create(account.username, second, { visibility: "private", hardware: "cpu" })
    expect(await replicate.models.get(account.username, first)).toMatchObject({ name: first, latest_version: null })
    expect(await replicate.models.get(account.username, second)).toMatchObject({ visibility: "private" })
    expect((await replicate.models.search(first)).results.map(({ name }) => name)).toEqual([first])
    expect((await replicate.models.search(second)).results).toEqual([])
    expect((await replicate.models.versions.list(account.username, first)) as unknown).toMatchObject({
      results: [],
      next: null,
    })

    const seen = []
    for await (const page of replicate.paginate(replicate.models.list))
      seen.push(...page.map(({ owner, name }) => `${owner}/${name}`))
    expect(seen.filter((name) => name === `${account.username}/${first}`)).toHaveLength(1)
    expect(seen).not.toContain(`${account.username}/${second}`)
  })

  test("follows the pages of a long list without repeats", async ({ api }) => {
    const replicate = new Replicate({ auth: account.token, baseUrl: api })
    for (let n = 0; n < 30; n++)
      await replicate.models.create(account.username, aName(), { visibility: "public", hardware: "cpu" })
    const seen = []
    let pages = 0
    for await (const page of replicate.paginate(replicate.models.list)) {
      pages++
      seen.push(...page.map(({ owner, name }) => `${owner}/${name}`))
    }
    expect(pages).toBeGreaterThan(1)
    expect(new Set(seen).size).toBe(seen.length)
  })

  test("reads hardware, account, collections and the webhook secret", async ({ api }) => {
    const replicate = new Replicate({ auth: account.token, baseUrl: api })
    expect(await replicate.hardware.list()).toContainEqual(expect.objectContaining({ name: "CPU", sku: "cpu" }))
    expect(await replicate.accounts.current()).toMatchObject({ type: "user", username: account.username })
    expect((await replicate.collections.list()).results).toEqual(expect.any(Array))
    const { key } = await replicate.webhooks.default.secret.get()
    expect(remember("webhook secret", key!)).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/)
    expect((await replicate.webhooks.default.secret.get()).key).toBe(key)
  })

  test("is told what is wrong", async ({ api }) => {
    const replicate = new Replicate({ auth: account.token, baseUrl: api })
    const stranger = new Replicate({ auth: wrongToken, baseUrl: api })
    const name = aName()
    await replicate.models.create(account.username, name, { visibility: "private", hardware: "cpu" })
    const refused = (status: number, text: string) =>
      expect.objectContaining({ message: expect.stringContaining(text), response: expect.objectContaining({ status }) })

    await expect(stranger.accounts.current()).rejects.toEqual(
      refused(401, "You did not pass a valid authentication token"),
    )
    await expect(
      replicate.models.create(account.username, "Bad Name", { visibility: "public", hardware: "cpu" }),
    ).rejects.toEqual(refused(400, "Enter a valid name."))
    await expect(
      replicate.models.create(account.username, aName(), { visibility: "public", hardware: "gpu-z80" }),
    ).rejects.toEqual(refused(400, "Your options are: cpu"))
    await expect(replicate.models.get(account.username, "never-was")).rejects.toEqual(
      refused(404, "The requested resource could not be found."),
    )
    await expect(replicate.collections.get("never-was")).rejects.toEqual(refused(404, "could not be found"))
    await expect(replicate.models.versions.get(account.username, name, "0".repeat(64))).rejects.toEqual(
      refused(404, "could not be found"),
    )
    await expect(
      replicate.models.create(account.username, name, { visibility: "public", hardware: "cpu" }),
    ).rejects.toEqual(refused(409, "A model with that name and owner already exists."))
  })
})

test.describe("replicate-stainless", () => {
  test("creates, reads, changes, finds and deletes models", async ({ api }) => {
    const replicate = new Stainless({ bearerToken: account.token, baseURL: api })
    const name = aName()
    const model = { model_owner: account.username, model_name: name }

    expect(
      await replicate.models.create({ owner: account.username, name, visibility: "private", hardware: "cpu" }),
    ).toMatchObject({ name })
    expect(await replicate.models.get(model)).toMatchObject({ name, visibility: "private" })
    await replicate.patch(`/models/${account.username}/${name}`, {
      body: { readme: `# ${name}`, description: "Changed" },
    })
    expect(await replicate.models.readme.get(model)).toBe(`# ${name}`)
    expect(await replicate.models.get(model)).toMatchObject({ description: "Changed" })
    expect((await replicate.models.versions.list(model)) as unknown).toMatchObject({ results: [] })
    expect((await replicate.models.examples.list(model)) as unknown).toMatchObject({ results: [] })
    await replicate.models.delete(model)
    await expect(replicate.models.get(model)).rejects.toBeInstanceOf(NotFoundError)

    await replicate.models.create({
      owner: account.username,
      name,
      visibility: "public",
      hardware: "cpu",
      description: `Understands ${name}`,
    })
    expect((await replicate.models.search({ body: name })) as unknown).toMatchObject({ results: [{ name }] })
    const seen = []
    for await (const { owner, name } of replicate.models.list()) seen.push(`${owner}/${name}`)
    expect(seen.filter((one) => one === `${account.username}/${name}`)).toHaveLength(1)
    expect(new Set(seen).size).toBe(seen.length)
  })

  test("reads hardware, account, collections and the webhook secret", async ({ api }) => {
    const replicate = new Stainless({ bearerToken: account.token, baseURL: api })
    expect(await replicate.hardware.list()).toContainEqual(expect.objectContaining({ name: "CPU", sku: "cpu" }))
    expect(await replicate.account.get()).toMatchObject({ type: "user", username: account.username })
    expect((await replicate.collections.list()) as unknown).toMatchObject({ results: expect.any(Array) })
    expect(await replicate.webhooks.default.secret.get()).toMatchObject({ key: expect.stringMatching(/^whsec_/) })
  })

  test("knows every refusal by its class", async ({ api }) => {
    const replicate = new Stainless({ bearerToken: account.token, baseURL: api })
    const stranger = new Stainless({ bearerToken: wrongToken, baseURL: api })
    const fields = { owner: account.username, visibility: "public", hardware: "cpu" } as const
    await expect(stranger.account.get()).rejects.toBeInstanceOf(AuthenticationError)
    await expect(replicate.models.create({ ...fields, name: "Bad Name" })).rejects.toBeInstanceOf(BadRequestError)
    await expect(
      replicate.models.create({ ...fields, name: aName(), owner: "someone-else-not-here" }),
    ).rejects.toBeInstanceOf(BadRequestError)
    await expect(
      replicate.models.get({ model_owner: account.username, model_name: "never-was" }),
    ).rejects.toBeInstanceOf(NotFoundError)
    await expect(
      replicate.models.readme.get({ model_owner: account.username, model_name: "never-was" }),
    ).rejects.toBeInstanceOf(NotFoundError)
    await expect(replicate.collections.get({ collection_slug: "never-was" })).rejects.toBeInstanceOf(NotFoundError)
    const name = aName()
    await replicate.models.create({ ...fields, name })
    await expect(replicate.models.delete({ model_owner: account.username, model_name: name })).rejects.toBeInstanceOf(
      BadRequestError,
    )
  })

  test("sends a duplicate create once", async ({ gateway }) => {
    const replicate = new Stainless({ bearerToken: account.token, baseURL: `${gateway.url}/v1` })
    const model = { owner: account.username, name: aName(), visibility: "public", hardware: "cpu" } as const
    await replicate.models.create(model)
    await expect(replicate.models.create(model)).rejects.toBeInstanceOf(ConflictError)
    expect(gateway.requests).toEqual(["POST /v1/models", "POST /v1/models"])
  })

  test("gets the model it created although the answer was lost, with an idempotency key", async ({ gateway }) => {
    const replicate = new Stainless({ bearerToken: account.token, baseURL: `${gateway.url}/v1` })
    Object.assign(replicate, { idempotencyHeader: "Idempotency-Key" })
    const name = aName()
    gateway.loseNextAnswer()
    expect(
      await replicate.models.create({ owner: account.username, name, visibility: "public", hardware: "cpu" }),
    ).toMatchObject({ name })
    expect(gateway.requests).toEqual(["POST /v1/models", "POST /v1/models"])
  })
})

test.describe("replicate-mcp", () => {
  test("its tools create, read, find and delete models and read the rest", async ({ gateway }) => {
    const name = aName()
    const model = { model_owner: account.username, model_name: name }
    await withTools(account.token, `${gateway.url}/v1`, async (call) => {
      expect(JSON.parse(await call("get_account"))).toMatchObject({ username: account.username })
      expect(await call("list_hardware")).toContain('"cpu"')
      await call("create_models", { owner: account.username, name, visibility: "private", hardware: "cpu" })
      await call("get_models", model)
      await call("list_models")
      await call("search_models", { body: name })
      await call("list_models_versions", model)
      await call("list_models_examples", model)
      await call("list_collections")
      expect(await call("get_default_webhooks_secret")).toContain("whsec_")
      await call("delete_models", model)
      await expect(call("get_models", model)).rejects.toThrow("404")
      await expect(call("get_models_readme", model)).rejects.toThrow("404")
      await expect(call("get_collections", { collection_slug: "never-was" })).rejects.toThrow("404")
      await expect(
        call("create_models", { owner: account.username, name: "Bad Name", visibility: "private", hardware: "cpu" }),
      ).rejects.toThrow("400")
    })
    expect(gateway.requests).toEqual([
      "GET /v1/account",
      "GET /v1/hardware",
      "POST /v1/models",
      `GET /v1/models/${account.username}/${name}`,
      "GET /v1/models",
      "QUERY /v1/models",
      `GET /v1/models/${account.username}/${name}/versions`,
      `GET /v1/models/${account.username}/${name}/examples`,
      "GET /v1/collections",
      "GET /v1/webhooks/default/secret",
      `DELETE /v1/models/${account.username}/${name}`,
      `GET /v1/models/${account.username}/${name}`,
      `GET /v1/models/${account.username}/${name}/readme`,
      "GET /v1/collections/never-was",
      "POST /v1/models",
    ])
  })

  test("a duplicate create and a wrong token reach the server once", async ({ gateway }) => {
    const model = { owner: account.username, name: aName(), visibility: "private", hardware: "cpu" }
    await withTools(account.token, `${gateway.url}/v1`, async (call) => {
      await call("create_models", model)
      await expect(call("create_models", model)).rejects.toThrow("409")
    })
    await withTools(wrongToken, `${gateway.url}/v1`, (call) => expect(call("get_account")).rejects.toThrow("401"))
    expect(gateway.requests).toEqual(["POST /v1/models", "POST /v1/models", "GET /v1/account"])
  })
})
