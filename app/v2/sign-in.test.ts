import { afterAll, beforeAll, describe, expect, test } from "vitest"

import type { Actor } from "@/lib/auth/actor"
import { aModel, anAccount, aToken } from "@/lib/test/factories"
import { disableAccountRow } from "@/lib/test/accounts"
import { anImage, aRegistry, basic, pushBlob, pushImage, sha256, type Registry } from "@/lib/test/registry"
import { pullCredential } from "@/lib/registry/pull-credential"
import { issueToken, revokeToken } from "@/lib/tokens/token"

let registry: Registry
let alice: Actor
let bob: Actor
let token: string
let auth: string
let open: string
let hidden: string

beforeAll(async () => {
  registry = await aRegistry()
  ;({ actor: alice } = await anAccount())
  ;({ actor: bob } = await anAccount())
  token = await aToken(alice)
  auth = basic(alice.username, token)
  open = `${alice.username}/${(await aModel(alice)).name}`
  hidden = `${alice.username}/${(await aModel(alice, { visibility: "private" })).name}`
  for (const repo of [open, hidden]) await pushImage(registry, repo, auth)
})
afterAll(() => registry.close())

const call: Registry["call"] = (...args) => registry.call(...args)

/** Requests a registry token, as a client does after a challenge. */
async function signInFor(scopes: string[], credentials?: string) {
  const query = scopes.map((scope) => `scope=${encodeURIComponent(scope)}`).join("&")
  const { status, text } = await call("GET", `/v2/token?service=${registry.host}&${query}`, { auth: credentials })
  return { status, bearer: `Bearer ${JSON.parse(text).token}`, body: JSON.parse(text) }
}

describe("signing in", () => {
  test("with a username and an API token gets a registry token, whatever is asked for or nothing", async () => {
    const { status, body, bearer } = await signInFor([], auth)
    expect([status, body.access_token, body.expires_in]).toEqual([200, body.token, 3600])
    expect(Date.parse(body.issued_at)).toBeLessThanOrEqual(Date.now())
    expect((await call("GET", "/v2/", { auth: bearer })).status).toBe(200)
  })

  test("may be in capitals and with a token that was pasted with a line's end", async () => {
    expect((await signInFor([], basic(alice.username.toUpperCase(), `${token}\n`))).status).toBe(200)
  })

  test.each([
    ["a wrong token", () => basic(alice.username, "us_0000000000000000000000000000000000000")],
    ["somebody else's name", () => basic(bob.username, token)],
    ["no token", () => basic(alice.username, "")],
    ["no Basic at all", () => "Basic x"],
  ])("with %s is a 401 in words", async (_, credentials) => {
    expect(await call("GET", "/v2/token", { auth: credentials() })).toMatchObject({
      status: 401,
      code: "UNAUTHORIZED",
      message: expect.stringContaining("docker login"),
    })
    expect((await call("GET", `/v2/${open}/tags/list`, { auth: credentials() })).status).toBe(401)
  })

  test.each(["Bearer x", "Bearer a.b", "Digest x", "Bearer"])("with %j is a 401", async (credentials) => {
    expect((await call("GET", "/v2/", { auth: credentials })).status).toBe(401)
  })

  test("ends at once when the token is revoked or the account closed, registry tokens included", async () => {
    const { owner, actor } = await anAccount()
    const { token: row, secret } = await issueToken(actor, { name: "x" })
    const other = await aToken(actor)
    const [first, second] = [
      (await signInFor([], basic(owner.username, secret))).bearer,
      (await signInFor([], basic(owner.username, other))).bearer,
    ]
    await revokeToken(actor, row.id)
    for (const credentials of [first, basic(owner.username, secret)])
      expect((await call("GET", "/v2/", { auth: credentials })).status).toBe(401)
    expect((await call("GET", "/v2/", { auth: second })).status).toBe(200)
    await disableAccountRow(owner.username)
    expect((await call("GET", "/v2/", { auth: second })).status).toBe(401)
  })
})

describe("a registry token", () => {
  const scope = (repo: string, actions: string) => `repository:${repo}:${actions}`

  test("is good for what it was asked for, in any order or spelling", async () => {
    for (const scopes of [
      [scope(hidden, "push,pull")],
      [scope(hidden, "*")],
      [`${scope(open, "pull")} ${scope(hidden, "pull,push")}`],
      [scope(open, "pull"), scope(hidden, "pull,push")],
    ]) {
      const { bearer } = await signInFor(scopes, auth)
      expect((await call("POST", `/v2/${hidden}/blobs/uploads/`, { auth: bearer })).status).toBe(202)
      expect((await call("GET", `/v2/${hidden}/tags/list`, { auth: bearer })).status).toBe(200)
    }
  })

  test("that was not asked for enough is sent back for another, with the scope it lacks", async () => {
    const { bearer } = await signInFor([scope(hidden, "pull")], auth)
    const { status, headers } = await call("POST", `/v2/${hidden}/blobs/uploads/`, { auth: bearer })
    expect([status, headers["www-authenticate"]]).toEqual([
      401,
      `Bearer realm="${registry.origin}/v2/token",service="${registry.host}",scope="repository:${hidden}:pull,push"`,
    ])
    expect((await call("GET", `/v2/${hidden}/tags/list`, { auth: (await signInFor([], auth)).bearer })).status).toBe(
      401,
    )
  })

  test("an upload is asked about with the registry token that its challenge names", async () => {
    const { headers } = await call("POST", `/v2/${hidden}/blobs/uploads/`, { auth })
    const state = (bearer?: string) => call("GET", headers.location!, { auth: bearer })
    for (const refused of [await state(), await state((await signInFor([scope(hidden, "pull")], auth)).bearer)]) {
      expect(refused.status).toBe(401)
      const [, named] = /scope="([^"]*)"/.exec(refused.headers["www-authenticate"]!)!
      expect(named).toBe(`repository:${hidden}:pull,push`)
      expect((await state((await signInFor([named!], auth)).bearer)).status).toBe(204)
    }
  })

  test("for what its account may not do is no error, and the push itself is refused in words", async () => {
    const { status, bearer } = await signInFor([scope(open, "pull,push")], basic(bob.username, await aToken(bob)))
    expect(status).toBe(200)
    expect((await call("GET", `/v2/${open}/tags/list`, { auth: bearer })).status).toBe(200)
    expect(await call("POST", `/v2/${open}/blobs/uploads/`, { auth: bearer })).toMatchObject({
      status: 403,
      code: "DENIED",
      message: `You are signed in as ${bob.username}, who cannot push to ${open}. Sign in with an API token of ${alice.username}.`,
    })
  })

  test("that was changed is none", async () => {
    const { bearer } = await signInFor([scope(hidden, "pull")], auth)
    const [text, signature] = bearer.slice(7).split(".")
    const forged = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(text!, "base64url").toString()), token_id: 2 }),
    ).toString("base64url")
    expect((await call("GET", "/v2/", { auth: `Bearer ${forged}.${signature}` })).status).toBe(401)
  })

  test("lets contents of a second model be mounted when it was asked for both", async () => {
    const digest = await pushBlob(registry, hidden, auth, "mounted")
    const target = `${alice.username}/${(await aModel(alice)).name}`
    const both = (await signInFor([scope(target, "pull,push"), scope(hidden, "pull")], auth)).bearer
    const one = (await signInFor([scope(target, "pull,push")], auth)).bearer
    const mount = (bearer?: string, from = hidden, mounted = digest) =>
      call("POST", `/v2/${target}/blobs/uploads/?mount=${mounted}&from=${from}`, { auth: bearer })
    for (const refused of [await mount(one), await mount()]) {
      expect(refused.status).toBe(401)
      expect(/scope="([^"]*)"/.exec(refused.headers["www-authenticate"]!)![1]).toBe(
        `repository:${target}:pull,push repository:${hidden}:pull`,
      )
    }
    expect((await mount(both)).status).toBe(201)

    // A mount that is impossible anyway does not cause another challenge.
    expect((await mount(one, hidden, sha256("nobody pushed this"))).status).toBe(202)
    const his = await aModel(bob, { visibility: "private" })
    const theirs = `${bob.username}/${his.name}`
    await pushBlob(registry, theirs, basic(bob.username, await aToken(bob)), "mounted")
    expect((await mount(one, theirs)).status).toBe(202)
    expect(await mount(one, "nothing")).toMatchObject({ status: 202 })
  })
})

describe("the credential of a runner", () => {
  const credentialFor = (repository: string) => {
    const { username, password } = pullCredential(repository, { owner_id: alice.owner_id, username: alice.username })
    return basic(username, password)
  }
  const manifestOf = (repository: string, bearer: string) =>
    call("GET", `/v2/${repository}/manifests/latest`, { auth: bearer })

  test("pulls the image that it is for, private or not", async () => {
    const { bearer, body } = await signInFor([`repository:${hidden}:pull`], credentialFor(hidden))
    expect(body.expires_in).toBe(900)
    expect((await manifestOf(hidden, bearer)).status).toBe(200)
    expect((await call("GET", `/v2/${hidden}/manifests/latest`, { auth: credentialFor(hidden) })).status).toBe(200)
  })

  test("pulls no other one of the same account, and pushes nothing", async () => {
    const scopes = [`repository:${hidden}:pull,push,delete`]
    const { bearer } = await signInFor(scopes, credentialFor(open))
    expect((await manifestOf(hidden, bearer)).status).toBe(401)
    const own = await signInFor(scopes, credentialFor(hidden))
    expect((await call("POST", `/v2/${hidden}/blobs/uploads/`, { auth: own.bearer })).status).toBe(403)
    expect((await call("GET", "/v2/token", { auth: basic("-runner", "x.y") })).status).toBe(401)
  })
})

describe("a visitor", () => {
  test("pulls what is public, with a registry token for nobody or without any", async () => {
    const { bearer } = await signInFor([`repository:${open}:pull`])
    for (const credentials of [bearer, undefined]) {
      const { status, text } = await call("GET", `/v2/${open}/manifests/latest`, { auth: credentials })
      expect(status).toBe(200)
      const [layer] = JSON.parse(text).layers
      expect((await call("GET", `/v2/${open}/blobs/${layer.digest}`, { auth: credentials })).status).toBe(200)
    }
  })

  test("is asked to sign in for what is private exactly as for what never was", async () => {
    const never = `${alice.username}/never`
    const answers = await Promise.all(
      [hidden, never].map(async (repo) => {
        const { status, text, headers } = await call("GET", `/v2/${repo}/manifests/latest`)
        return [status, text.replaceAll(repo, "X"), headers["www-authenticate"]!.replaceAll(repo, "X")]
      }),
    )
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]![0]).toBe(401)
  })

  test("cannot push, not even to what is public", async () => {
    for (const credentials of [undefined, (await signInFor([`repository:${open}:pull,push`])).bearer])
      expect(await call("POST", `/v2/${open}/blobs/uploads/`, { auth: credentials })).toMatchObject({
        status: 401,
        code: "UNAUTHORIZED",
      })
  })
})

describe("somebody else", () => {
  test("finds a private model as unknown as one that never was, to pull from and to push to", async () => {
    const bobs = basic(bob.username, await aToken(bob))
    const never = `${alice.username}/never`
    for (const [method, path] of [
      ["GET", "tags/list"],
      ["GET", "manifests/latest"],
      ["POST", "blobs/uploads/"],
      ["PUT", "manifests/latest"],
      ["DELETE", "manifests/latest"],
    ] as const) {
      const [first, second] = [
        await call(method, `/v2/${hidden}/${path}`, { auth: bobs }),
        await call(method, `/v2/${never}/${path}`, { auth: bobs }),
      ]
      expect([first.status, first.code]).toEqual([404, "NAME_UNKNOWN"])
      const [a, b] = [first.text.replaceAll(hidden.split("/")[1]!, "X"), second.text.replaceAll("never", "X")]
      expect(a).toBe(b)
    }
  })
})

describe("a push to a model that does not exist", () => {
  test("under somebody else's name says who is signed in, because that is the usual cause", async () => {
    const bobs = basic(bob.username, await aToken(bob))
    for (const repo of [hidden, `${alice.username}/never`])
      expect(await call("POST", `/v2/${repo}/blobs/uploads/`, { auth: bobs })).toMatchObject({
        status: 404,
        code: "NAME_UNKNOWN",
        message: `NAME_UNKNOWN (404): there is no model ${repo} that ${bob.username} can push to, and you are signed in as ${bob.username}. Sign in with an API token of ${alice.username} (docker login ${registry.host} -u ${alice.username}), or push to ${bob.username}/${repo.split("/")[1]}.`,
      })
  })

  test("is refused at once, in the words that every Cog looks for, with where to create it", async () => {
    const { status, text } = await call("POST", `/v2/${alice.username}/new-model/blobs/uploads/`, { auth })
    expect([status, JSON.parse(text)]).toEqual([
      404,
      {
        errors: [
          {
            code: "NAME_UNKNOWN",
            message: `NAME_UNKNOWN (404): there is no model ${alice.username}/new-model; create it at ${registry.origin}/create?owner=${alice.username}&name=new-model`,
            detail: {},
          },
        ],
      },
    ])
  })
})

describe("scopes of an API token", () => {
  test("without push, pulls what is private and pushes nothing", async () => {
    const reader = basic(alice.username, await aToken(alice, { scopes: ["read"] }))
    expect((await call("GET", `/v2/${hidden}/manifests/latest`, { auth: reader })).status).toBe(200)
    expect(await call("POST", `/v2/${hidden}/blobs/uploads/`, { auth: reader })).toMatchObject({
      status: 403,
      code: "DENIED",
      message: expect.stringContaining('scope "push"'),
    })
  })

  test("with push alone, does all that a push needs", async () => {
    const pusher = basic(alice.username, await aToken(alice, { scopes: ["push"] }))
    expect((await pushImage(registry, hidden, pusher, anImage())).status).toBe(201)
    expect((await call("HEAD", `/v2/${hidden}/manifests/latest`, { auth: pusher })).status).toBe(200)
  })

  test("with write alone, sees what a visitor sees", async () => {
    const writer = basic(alice.username, await aToken(alice, { scopes: ["write"] }))
    expect((await call("GET", `/v2/${open}/manifests/latest`, { auth: writer })).status).toBe(200)
    expect((await call("GET", `/v2/${hidden}/manifests/latest`, { auth: writer })).status).toBe(404)
  })
})

describe("what `cog login` asks", () => {
  test("where a token is to be had", async () => {
    expect(JSON.parse((await call("GET", "/cog/v1/display-token-url")).text)).toEqual({
      url: `${registry.origin}/account/push`,
    })
  })

  const verify = (body: string) =>
    call("POST", "/cog/v1/verify-token", { headers: { "content-type": "application/x-www-form-urlencoded" }, body })

  test("whose a token is", async () => {
    const { status, text } = await verify(`token=${token}`)
    expect([status, JSON.parse(text)]).toEqual([200, { username: alice.username }])
  })

  test("a token that is nobody's is a 404", async () => {
    for (const body of ["token=us_x", ""]) expect((await verify(body)).status).toBe(404)
  })

  test("a token that may not push is a 403 that says so", async () => {
    const { status, text } = await verify(`token=${await aToken(alice, { scopes: ["read"] })}`)
    expect([status, JSON.parse(text)]).toEqual([
      403,
      {
        detail: 'This token does not have the scope "push". Create one with this scope at /account/api-tokens.',
      },
    ])
  })
})
