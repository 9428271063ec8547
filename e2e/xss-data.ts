// Run beside a test's own server, on its data: writes the corpus into every user-controlled text, and prints the URLs
// that show it.
import { encode } from "next-auth/jwt"

import { closeDatabase } from "@/db"
import { authSecret } from "@/lib/auth/secret"
import { addToCollection, createCollection } from "@/lib/collections/collection"
import { addHardware, updateHardware } from "@/lib/hardware/catalogue"
import { createModel, updateModel } from "@/lib/models/model"
import { offerTransfer } from "@/lib/transfers/transfer"
import { invite } from "@/lib/organizations/invitation"
import { createOrganization } from "@/lib/organizations/organization"
import { actorFor, addUser } from "@/lib/owners/owner"
import { updateEmail, updateProfile } from "@/lib/owners/profile"
import { openSession } from "@/lib/sessions/session"
import { aVersion, renewed } from "@/lib/test/factories"
import { hostileMarkdown } from "@/lib/test/hostile-markdown"
import { issueToken } from "@/lib/tokens/token"
import { links, payloads } from "./xss-corpus"

const admin = await addUser({ username: "boss", password: "correct horse battery" })
const boss = actorFor(admin, "web")
const cookies: Record<string, string> = {}
const paths: string[] = []
const refused: string[] = []
let kept = 0

/** Writes what the field accepts; rejecting a text is a valid outcome too. */
async function tryIt(what: string, work: () => Promise<unknown>) {
  try {
    await work()
    kept++
    return true
  } catch (error) {
    if (!/^(Problem|ZodError)$/.test((error as Error).name)) throw error
    refused.push(what)
    return false
  }
}

const schemaOf = (text: string) => ({
  openapi: "3.0.2",
  info: { title: text, version: text, description: text },
  components: {
    schemas: {
      Input: {
        type: "object",
        title: text,
        required: [text],
        properties: {
          [text]: { type: "string", title: text, description: text, default: text, "x-order": 0, format: text },
          choice: { type: "string", enum: [text, `${text}2`], title: text, deprecated: true },
          odd: { type: text, title: text, allOf: [{ $ref: `#/components/schemas/${text}` }] },
        },
      },
      Output: {
        type: "object",
        title: text,
        description: text,
        properties: { [text]: { type: "string", title: text, description: text, default: text } },
      },
      [text]: { type: "string", title: text, description: text, enum: [text] },
    },
  },
})

for (const [n, text] of payloads.entries()) {
  const username = `user-${n}`
  const owner = await addUser({ username, password: "correct horse battery" })
  let actor = actorFor(owner, "web")
  const model = await createModel(actor, {
    owner: username,
    name: `model-${n}`,
    visibility: "public",
    hardware: "cpu",
    description: text,
  })
  await tryIt("name and description of a person", () => updateProfile(actor, owner, { name: text, description: text }))
  await tryIt("e-mail", () => updateEmail(actor, { email: text, password: "correct horse battery" }))
  await tryIt("README", () =>
    updateModel(actor, username, model.name, {
      readme: [text, ...hostileMarkdown.slice(n * 16, n * 16 + 16)].join("\n\n"),
    }),
  )
  await tryIt("name of a token", () => issueToken(actor, { name: text }))
  for (const field of ["github_url", "paper_url", "license_url", "weights_url", "cover_image_url"] as const) {
    await tryIt(`${field}: ${text}`, () => updateModel(actor, username, model.name, { [field]: text }))
    await tryIt(`${field}: in a link`, () =>
      updateModel(actor, username, model.name, {
        [field]: `https://evil.example/?${text.replace(/\s/g, "")}#${text.replace(/\s/g, "")}`,
      }),
    )
    const link = links[(n * 5 + field.length) % links.length]!
    await tryIt(`${field}: ${link}`, () => updateModel(actor, username, model.name, { [field]: link }))
  }
  for (const link of links)
    for (const field of ["avatar_url", "github_url"] as const)
      await tryIt(`${field}: ${link}`, () =>
        updateProfile(actor, owner, { name: text, description: text, [field]: link }),
      )

  const labels = {
    "run.cog.x": text,
    [text]: text,
    "org.opencontainers.image.source": text,
    "org.opencontainers.image.url": "javascript:pwned=1",
  }
  const versions = [
    await aVersion(actor, model, { openapi_schema: schemaOf("plain"), revision: "plain" }),
    await aVersion(actor, model, {
      openapi_schema: schemaOf(text),
      cog_version: text.slice(0, 100),
      revision: text,
      labels,
      cog_config: { build: { python_version: text, system_packages: [text] }, predict: text },
    }),
  ]
  const organization = await createOrganization(actor, { username: `org-${n}`, name: text })
  actor = await renewed(actor)
  await tryIt("description of an organization", () =>
    updateProfile(actor, organization, { name: text, description: text }),
  )
  await tryIt("name of a token of an organization", () => issueToken(actor, { name: text }, organization))
  await invite(actor, organization, { username: "boss", role: "viewer" })
  await offerTransfer(actor, username, model.name, { to: "boss" })

  const slug = `collection-${n}`
  await createCollection(boss, {
    slug,
    name: text,
    description: text,
    full_description: [text, ...hostileMarkdown.slice(n * 16, n * 16 + 16)].join("\n\n"),
  })
  await addToCollection(boss, slug, username, model.name)
  const hardware = {
    name: text,
    usd_per_second: "0.001",
    open: false,
    reason: text,
    gpus: "1",
    cpus: "",
    gpu_ram_gb: "",
    ram_gb: "",
  }
  await tryIt("name and reason of hardware", () => addHardware(boss, { sku: `hw-${n}`, ...hardware }))
  await tryIt("reason of hardware, changed", () =>
    updateHardware(boss, `hw-${n}`, { usd_per_second: "0.002", open: false, reason: `${text} again` }),
  )

  const secret = await openSession(owner, { address: text, user_agent: text })
  cookies[username] = await encode({ token: { secret }, secret: authSecret(), maxAge: 3600 })
  const at = `/${username}/${model.name}`
  paths.push(
    `/${username}`,
    `/org-${n}`,
    at,
    `${at}/api`,
    `${at}/versions`,
    `${at}/versions/${versions[1]!.id}`,
    `${at}/versions/compare?from=${versions[0]!.id}&to=${versions[1]!.id}`,
    `${at}/settings`,
    `/collections/${slug}`,
    "/account",
    "/account/api-tokens",
    "/account/security",
    "/account/events",
    "/account/push",
    `/organizations/org-${n}/members`,
    `/organizations/org-${n}/tokens`,
    `/organizations/org-${n}/settings`,
    `/organizations/org-${n}/events`,
    "/organizations",
    "/create",
  )
}
cookies.boss = await encode({
  token: { secret: await openSession(admin, { address: null, user_agent: null }) },
  secret: authSecret(),
  maxAge: 3600,
})
console.log(JSON.stringify({ cookies, paths, kept, refused }))
await closeDatabase()
