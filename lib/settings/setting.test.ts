import { afterEach, beforeAll, describe, expect, test } from "vitest"

import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { listEvents, listInstallationEvents } from "@/lib/events/list"
import { addHardware, listHardwareChanges, updateHardware } from "@/lib/hardware/catalogue"
import { listHardware } from "@/lib/hardware/hardware"
import { changeAdministrator, disableAccount, enableAccount, listAccounts } from "@/lib/accounts/administration"
import { getPasswordLink, issuePasswordLink, setPasswordByLink } from "@/lib/accounts/password-links"
import { actorFor, addUser, findAccount, getAccount, signUp } from "@/lib/owners/owner"
import { updateProfile } from "@/lib/owners/profile"
import { asProblem } from "@/lib/problem"
import { getInvitationByLink, inviteByLink } from "@/lib/organizations/invitation"
import { findSessionAccount } from "@/lib/sessions/session"
import { signedIn } from "@/lib/test/accounts"
import { aMember, aModel, anOrganization, anAccount, aName, aToken, renewed } from "@/lib/test/factories"
import { authenticateToken, issueToken } from "@/lib/tokens/token"
import { changeSettings, listSettings, setting } from "./setting"

const missing = { kind: "missing" }
const visitor = { address: "192.0.2.1", user_agent: null }
const password = "correct horse battery"

let admin: Actor
beforeAll(async () => {
  admin = { ...actorFor(await addUser({ username: aName("admin") }), "web"), address: "192.0.2.1" }
})

describe("installation settings", () => {
  afterEach(() => changeSettings(admin, { SIGNUP: "", MODELS_PER_ACCOUNT: "" }))

  test("hold at once over the environment, and a blank takes them back to it", async () => {
    await changeSettings(admin, { SIGNUP: "closed", MODELS_PER_ACCOUNT: "1" })
    await expect(signUp({ username: aName("user"), password }, visitor)).rejects.toMatchObject({ kind: "forbidden" })
    const { actor } = await anAccount()
    await aModel(actor)
    await expect(aModel(actor)).rejects.toMatchObject({
      kind: "forbidden",
      detail: expect.stringContaining("has 1 model,"),
    })
    await changeSettings(admin, { SIGNUP: "", MODELS_PER_ACCOUNT: " " })
    expect([setting("SIGNUP"), setting("MODELS_PER_ACCOUNT")]).toEqual([env.SIGNUP, env.MODELS_PER_ACCOUNT])
    await signUp({ username: aName("user"), password }, visitor)
  })

  test("that make no sense are refused together, and none is kept", async () => {
    await expect(
      changeSettings(admin, { SIGNUP: "perhaps", MODELS_PER_ACCOUNT: "-1", RATE_LIMIT_PER_MINUTE: "7" }),
    ).rejects.toMatchObject({
      fields: { SIGNUP: "Choose open or closed.", MODELS_PER_ACCOUNT: expect.any(String) },
    })
    expect((await listSettings(admin)).every(({ set }) => set === "")).toBe(true)
  })

  test("are written down with what they were", async () => {
    await changeSettings(admin, { MODELS_PER_ACCOUNT: "7" })
    expect((await listInstallationEvents(admin)).rows[0]).toMatchObject({
      action: "installation.changed",
      actor: admin.username,
      details: { MODELS_PER_ACCOUNT_was: "1000", MODELS_PER_ACCOUNT: "7" },
    })
  })
})

describe("the catalogue of hardware", () => {
  test("changes price, availability and reason; every change is dated and kept", async () => {
    await updateHardware(admin, "gpu-t4", { usd_per_second: "0.0003", open: true })
    await updateHardware(admin, "gpu-t4", { usd_per_second: "0.0003", open: false, reason: "Being repaired." })
    await updateHardware(admin, "gpu-t4", { usd_per_second: "0.0003", open: false, reason: "Being repaired." })
    expect((await listHardware()).find(({ sku }) => sku === "gpu-t4")).toMatchObject({
      usd_per_second: "0.0003",
      reason: "Being repaired.",
    })
    const changes = (await listHardwareChanges()).filter(({ sku }) => sku === "gpu-t4")
    expect(changes.map(({ changes }) => changes)).toEqual([
      { availability: { was: "open", is: "closed" }, reason: { was: null, is: "Being repaired." } },
      { usd_per_second: { was: "0.000225", is: "0.0003" } },
    ])
    expect(changes[0]).toMatchObject({ changed_by: admin.username, changed_at: expect.stringMatching(/Z$/) })
    await expect(aModel((await anAccount()).actor, { hardware: "gpu-t4" })).rejects.toThrow("Being repaired.")
    await updateHardware(admin, "gpu-t4", { usd_per_second: "0.000225", open: true })
  })

  test("takes a new row, which models can be created on at once", async () => {
    const sku = aName("gpu")
    const row = {
      sku,
      name: `Card ${sku}`,
      usd_per_second: "0.0021",
      gpus: "1",
      cpus: "24",
      gpu_ram_gb: "180",
      ram_gb: "",
      open: true,
    }
    await addHardware(admin, row)
    expect((await listHardware()).at(-1)).toMatchObject({
      sku,
      name: row.name,
      usd_per_second: "0.0021",
      gpus: 1,
      cpus: 24,
      gpu_ram_gb: 180,
      ram_gb: null,
      selectable_for: ["model"],
      aliases: [],
    })
    expect((await aModel((await anAccount()).actor, { hardware: sku })).hardware).toBe(sku)
    expect((await listHardwareChanges(1))[0]).toMatchObject({
      sku,
      changed_by: admin.username,
      changes: { usd_per_second: { was: null, is: "0.0021" }, availability: { was: null, is: "open" } },
    })
    expect((await listInstallationEvents(admin)).rows[0]).toMatchObject({ action: "hardware.added", subject: sku })

    await updateHardware(admin, sku, { usd_per_second: "0.0021", open: true, ram_gb: "72", cpus: "" })
    expect((await listHardware()).at(-1)).toMatchObject({ name: row.name, cpus: null, ram_gb: 72, gpu_ram_gb: 180 })
    expect((await listHardwareChanges(1))[0]!.changes).toEqual({
      cpus: { was: "24", is: null },
      ram_gb: { was: null, is: "72" },
    })
  })

  test("refuses a new row that makes no sense or is there already", async () => {
    const row = {
      sku: aName("gpu"),
      name: aName("Card"),
      usd_per_second: "1",
      gpus: "0",
      cpus: "",
      gpu_ram_gb: "",
      ram_gb: "",
      open: true,
    }
    const refused = (fields: Partial<typeof row>) =>
      expect(addHardware(admin, { ...row, ...fields }).catch(asProblem)).resolves
    await refused({ sku: "cpu" }).toMatchObject({ fields: { sku: "The SKU cpu already exists." } })
    await refused({ name: "cpu" }).toMatchObject({ fields: { name: "The name cpu already exists." } })
    await refused({
      sku: "GPU B200",
      name: " ",
      usd_per_second: "-1",
      gpus: "",
      cpus: "many",
      ram_gb: "1.5",
    }).toMatchObject({
      fields: {
        sku: expect.any(String),
        name: expect.any(String),
        usd_per_second: expect.any(String),
        gpus: expect.any(String),
        cpus: expect.any(String),
        ram_gb: expect.any(String),
      },
    })
    await expect(addHardware((await anAccount()).actor, row)).rejects.toMatchObject(missing)
    expect((await listHardware()).some(({ sku }) => sku === row.sku)).toBe(false)
    await expect(
      updateHardware(admin, "gpu-t4", { usd_per_second: "1", open: true, name: "CPU" }),
    ).rejects.toMatchObject({ fields: { name: expect.any(String) } })
  })

  test("takes only prices", async () => {
    for (const usd_per_second of ["", "-1", "1e3", "free", "0.0000000000001"])
      await expect(updateHardware(admin, "cpu", { usd_per_second, open: true })).rejects.toThrow()
    await expect(updateHardware(admin, "nothing", { usd_per_second: "1", open: true })).rejects.toMatchObject(missing)
  })
})

describe("accounts", () => {
  test("are found by name, page by page", async () => {
    const name = aName("needle")
    await addUser({ username: name })
    expect((await listAccounts(admin, { query: name })).rows.map(({ username }) => username)).toEqual([name])
    expect((await listAccounts(admin, { query: name, after: name })).rows).toEqual([])
  })

  test("are found by any part of a name, whatever its case and characters", async () => {
    const [username, other] = [aName("part"), aName("part")]
    const owner = await addUser({ username })
    await addUser({ username: other })
    await updateProfile(actorFor(owner, "web"), owner, { name: `Ada_${username} 50%\\` })
    const found = async (query: string) => (await listAccounts(admin, { query })).rows.map((row) => row.username)
    for (const query of [`aDA_${username.toUpperCase()}`, `${username} 50%\\`])
      expect(await found(query), query).toEqual([username])
    for (const query of [`ada%${username}`, `ada-${username}`, `${username.slice(0, -1)}_`])
      expect(await found(query), query).toEqual([])
  })

  test("that are disabled stop everywhere at once, and go on as they were when they are enabled", async () => {
    const { username } = await addUser({ username: aName("user"), password })
    const actor = actorFor((await findAccount(username))!, "web")
    const [secret, token] = [await signedIn({ username, password }, visitor), await aToken(actor)]
    await disableAccount(admin, username)
    expect(await findSessionAccount(secret)).toBeUndefined()
    expect(await authenticateToken(token, "api")).toBeUndefined()
    await expect(signedIn({ username, password }, visitor)).rejects.toMatchObject({ kind: "unauthenticated" })
    await enableAccount(admin, username)
    expect(await authenticateToken(token, "api")).toBeDefined()
    expect(await findSessionAccount(secret)).toBeUndefined()
    await signedIn({ username, password }, visitor)
    expect((await listEvents(actor, await getAccount(username))).rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining(["account.disabled", "account.enabled"]),
    )
    await expect(disableAccount(admin, admin.username)).rejects.toMatchObject({ kind: "invalid" })
  })

  test("that are disabled leave nothing working that they gave out for an organization", async () => {
    const { organization, actor: owner } = await anOrganization()
    const person = await aMember(owner, organization, "admin")
    const { secret } = await issueToken(person, { name: "copied" }, organization)
    const link = await inviteByLink(person, organization, { role: "admin" })
    await disableAccount(admin, person.username)
    expect(await authenticateToken(secret, "api")).toBeUndefined()
    await expect(getInvitationByLink(link)).rejects.toMatchObject({ kind: "missing" })
    // Others may have a copy of the token.
    await enableAccount(admin, person.username)
    expect(await authenticateToken(secret, "api")).toBeUndefined()
  })

  test("of organizations put their members out while they are disabled", async () => {
    const { organization, actor } = await anOrganization()
    const viewer = await aMember(actor, organization, "viewer")
    await disableAccount(admin, organization.username)
    expect((await renewed(viewer)).roles?.size).toBe(0)
    await enableAccount(admin, organization.username)
    expect((await renewed(viewer)).roles?.size).toBe(1)
  })

  test("get a new password by a link that works once and signs everybody out", async () => {
    const { username } = await addUser({ username: aName("user"), password })
    const session = await signedIn({ username, password }, visitor)
    const first = await issuePasswordLink(admin, username)
    const link = await issuePasswordLink(admin, username)
    await expect(getPasswordLink(first)).rejects.toMatchObject(missing)
    expect(await getPasswordLink(link)).toMatchObject({ username })
    await expect(setPasswordByLink(link, "short", null)).rejects.toMatchObject({
      fields: { password: expect.any(String) },
    })
    await expect(setPasswordByLink(link, "passw0rd", null)).rejects.toMatchObject({
      fields: { password: expect.stringContaining("common password") },
    })
    await setPasswordByLink(link, "another password", null)
    await expect(setPasswordByLink(link, "a third password", null)).rejects.toMatchObject(missing)
    expect(await findSessionAccount(session)).toBeUndefined()
    await signedIn({ username, password: "another password" }, visitor)
    expect(JSON.stringify((await listInstallationEvents(admin)).rows)).not.toContain(link)
  })

  test("always leave somebody to administer the installation", async () => {
    await expect(changeAdministrator(admin, admin.username, false)).rejects.toMatchObject({ kind: "invalid" })
    const { username } = await addUser({ username: aName("user") })
    await changeAdministrator(admin, username, true)
    await changeAdministrator(admin, username, false)
  })
})

test("to everybody but a signed-in administrator there is no administration", async () => {
  const { actor } = await anAccount()
  const speaker = (await authenticateToken(await aToken(admin), "api"))!
  for (const stranger of [actor, speaker]) {
    await expect(listSettings(stranger)).rejects.toMatchObject(missing)
    await expect(changeSettings(stranger, { SIGNUP: "closed" })).rejects.toMatchObject(missing)
    await expect(updateHardware(stranger, "cpu", { usd_per_second: "0", open: true })).rejects.toMatchObject(missing)
    await expect(listAccounts(stranger)).rejects.toMatchObject(missing)
    await expect(disableAccount(stranger, actor.username)).rejects.toMatchObject(missing)
    await expect(issuePasswordLink(stranger, actor.username)).rejects.toMatchObject(missing)
    await expect(changeAdministrator(stranger, actor.username, true)).rejects.toMatchObject(missing)
    await expect(listInstallationEvents(stranger)).rejects.toMatchObject(missing)
  }
})
