import { Secret, TOTP, URI } from "otpauth"
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"

import { read } from "@/db"
import { recovery_codes, second_factors } from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import { listEvents, listInstallationEvents } from "@/lib/events/list"
import { resetTwoFactorOf, listAccounts } from "@/lib/accounts/administration"
import { issuePasswordLink, setPasswordByLink } from "@/lib/accounts/password-links"
import { actorFor, addUser, accountForGithub, type Account } from "@/lib/owners/owner"
import { deleteAccount } from "@/lib/accounts/close"
import { findSessionAccount, openSession } from "@/lib/sessions/session"
import { findChallengeAccount, finishSignIn, signIn, challengeFor } from "@/lib/sign-in/sign-in"
import { disableAccountRow, exported } from "@/lib/test/accounts"
import { anAccount, aName, aToken } from "@/lib/test/factories"
import { authenticateToken } from "@/lib/tokens/token"
import {
  beginTwoFactorSetup,
  readTwoFactorSetup,
  renewRecoveryCodes,
  requireCode,
  disableTwoFactor,
  enableTwoFactor,
  getTwoFactorStatus,
} from "./two-factor"
import { qrOf, stepOf } from "./totp"

const password = "correct horse battery"
const host = "models.example.com"
const somewhere = () => ({ address: aName("address"), user_agent: "Test/1.0" })

/** An authenticator app: the code of the current step, or of one that is `later` steps away. */
const app =
  (secret: string) =>
  (later = 0) =>
    new TOTP({ secret, algorithm: "SHA1", digits: 6, period: 30 }).generate({ timestamp: Date.now() + later * 30_000 })

async function aPerson(): Promise<{ owner: Account; actor: Actor }> {
  const owner = await addUser({ username: aName("user"), password })
  return { owner, actor: { ...actorFor(owner, "web"), address: aName("address") } }
}

/** A person with two-step sign-in. The code of the current step is used up. */
async function twoSteps() {
  const { owner, actor } = await aPerson()
  const { setupToken, secret } = await beginTwoFactorSetup(actor, password, host)
  const code = app(secret)
  const recovery = await enableTwoFactor(actor, { setupToken, code: code() }, null)
  return { owner, actor, secret, code, recovery }
}

const refused = (complaint: string) => ({ kind: "invalid", fields: { code: complaint } })
const notRight = refused("The code is wrong.")
const usedAlready = refused("This code was already used. Wait for the next one.")

const actionsOf = async (actor: Actor, owner: Account) =>
  (await listEvents(actor, owner)).rows.map(({ action }) => action)
const later = (steps: number) => vi.setSystemTime(Date.now() + steps * 30_000)
/** A code that is not valid now. */
const wrongCode = (code: (later: number) => string) =>
  ["111111", "222222", "333333", "444444"].find((guess) => ![-1, 0, 1].map(code).includes(guess))!

let admin: Actor
beforeAll(async () => {
  const { owner } = await anAccount()
  admin = actorFor(owner, "web")
})

beforeEach(() => {
  // The middle of a step, so that a test does not run into the next one.
  vi.useFakeTimers({ toFake: ["Date"], now: Math.floor(Date.now() / 30_000) * 30_000 + 30_015_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

describe("codes", () => {
  test("are those of RFC 6238 with SHA-1, of a step and its two neighbours", () => {
    // Appendix B, with the last six of its eight digits.
    const secret = Secret.fromLatin1("12345678901234567890").base32
    for (const [seconds, code] of [
      [59, "287082"],
      [1111111109, "081804"],
      [1111111111, "050471"],
      [1234567890, "005924"],
      [2000000000, "279037"],
    ] as const) {
      const step = Math.floor(seconds / 30)
      for (const [shift, found] of [
        [0, step],
        [30, step],
        [-30, step],
        [60, undefined],
        [-60, undefined],
      ] as const) {
        vi.setSystemTime((seconds + shift) * 1000)
        expect(stepOf(secret, code), `${seconds}, ${shift} seconds on`).toBe(found)
      }
    }
  })

  test("are made from what the QR code says", async () => {
    const { actor } = await aPerson()
    const { address, secret } = await beginTwoFactorSetup(actor, password, "models.example.com:3000")
    expect(URI.parse(address)).toMatchObject({
      issuer: "Understudy",
      label: `${actor.username}@models.example.com:3000`,
      algorithm: "SHA1",
      digits: 6,
      period: 30,
      secret: { base32: secret },
    })
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
  })

  test("are drawn dark on light with four modules of quiet around them", () => {
    const { size, path } = qrOf("otpauth://totp/x")
    const dark = new Set(path.match(/\d+ \d+/g))
    for (let n = 0; n < 7; n++) expect(dark.has(`${4 + n} 4`) && dark.has(`4 ${4 + n}`)).toBe(true)
    for (const place of dark) for (const at of place.split(" ").map(Number)) expect(at >= 4 && at < size - 4).toBe(true)
  })
})

describe("turning it on", () => {
  test("takes the password and a code, and nothing has changed before", async () => {
    const { owner, actor } = await aPerson()
    await expect(beginTwoFactorSetup(actor, "wrong", host)).rejects.toMatchObject({
      fields: { password: "The password is wrong." },
    })
    const { setupToken, secret } = await beginTwoFactorSetup(actor, password, host)
    await expect(enableTwoFactor(actor, { setupToken, code: wrongCode(app(secret)) }, null)).rejects.toMatchObject(
      notRight,
    )
    await expect(enableTwoFactor(actor, { setupToken, code: "" }, null)).rejects.toMatchObject(
      refused("Enter the code."),
    )
    expect(await getTwoFactorStatus(owner.id)).toBeNull()
    expect(await signIn({ username: owner.username, password }, somewhere())).toEqual({ secret: expect.any(String) })

    expect(readTwoFactorSetup(actor, setupToken, host)).toMatchObject({ secret, setupToken })
    const codes = await enableTwoFactor(actor, { setupToken, code: ` ${app(secret)().replace(/^.../, "$& ")} ` }, null)
    expect(new Set(codes).size).toBe(10)
    for (const code of codes) expect(code).toMatch(/^(\d{4} ){3}\d{4}$/)
    expect(await getTwoFactorStatus(owner.id)).toEqual({ since: expect.any(String), recovery_codes_left: 10 })
  })

  test("signs every other browser out and leaves tokens alone", async () => {
    const { owner, actor } = await aPerson()
    const [here, there, token] = [
      await openSession(owner, somewhere()),
      await openSession(owner, somewhere()),
      await aToken(actor),
    ]
    const { setupToken, secret } = await beginTwoFactorSetup(actor, password, host)
    await enableTwoFactor(actor, { setupToken, code: app(secret)() }, here)
    expect(await findSessionAccount(here)).toBeDefined()
    expect(await findSessionAccount(there)).toBeUndefined()
    expect(await authenticateToken(token, "api")).toBeDefined()
    expect((await listEvents(actor, owner)).rows[0]).toMatchObject({
      action: "factor.enabled",
      details: { sessions_ended: 1 },
    })
  })

  test("happens once, and a setup token is for one account and for half an hour", async () => {
    const [{ actor }, { actor: other }] = [await aPerson(), await aPerson()]
    const { setupToken, secret } = await beginTwoFactorSetup(actor, password, host)
    const attempt = (by: Actor, shown = setupToken) =>
      enableTwoFactor(by, { setupToken: shown, code: app(secret)() }, null)
    for (const [by, shown] of [
      [other, setupToken],
      [actor, ""],
      [actor, `${setupToken.slice(0, -2)}AA`],
    ] as const)
      await expect(attempt(by, shown)).rejects.toMatchObject({
        kind: "invalid",
        detail: expect.stringContaining("setup expired"),
      })
    later(61)
    await expect(attempt(actor)).rejects.toMatchObject({ detail: expect.stringContaining("setup expired") })
    later(-61)
    await attempt(actor)
    later(1)
    await expect(attempt(actor)).rejects.toMatchObject({ kind: "conflict" })
  })

  test("is for people, and an account without a password is not asked for one", async () => {
    const { owner, actor } = await anAccount()
    const { setupToken, secret } = await beginTwoFactorSetup(actor, "", host)
    await enableTwoFactor(actor, { setupToken, code: app(secret)() }, null)
    expect(await challengeFor(owner)).toBeDefined()
    await expect(beginTwoFactorSetup({ ...actor, token_id: 1 }, "", host)).rejects.toMatchObject({ kind: "forbidden" })
  })

  test("keeps neither the secret nor a recovery code as it is", async () => {
    const { secret, recovery } = await twoSteps()
    const kept = JSON.stringify([
      await read().select().from(second_factors),
      await read().select().from(recovery_codes),
    ])
    for (const text of [
      secret,
      ...recovery,
      ...recovery.map((code) => code.replaceAll(" ", "")),
      Buffer.from(secret).toString("base64url"),
    ])
      expect(kept).not.toContain(text)
  })
})

describe("signing in", () => {
  const firstStep = async (owner: Account) => {
    const admission = await signIn({ username: owner.username, password }, somewhere())
    if (!("challenge" in admission)) throw new Error("There was no second step.")
    return admission.challenge
  }

  test("gives a challenge for the right password, which opens nothing, and a session for the code", async () => {
    const { owner, code } = await twoSteps()
    const challenge = await firstStep(owner)
    expect((await findChallengeAccount(challenge))?.id).toBe(owner.id)
    expect(await findSessionAccount(challenge)).toBeUndefined()
    expect(await authenticateToken(challenge, "api")).toBeUndefined()
    expect((await findSessionAccount(await finishSignIn(challenge, code(1), somewhere())))?.id).toBe(owner.id)
  })

  test("takes a code once, none from before it, and the next one", async () => {
    const { owner, code } = await twoSteps()
    const challenge = await firstStep(owner)
    for (const step of [-1, 0])
      await expect(finishSignIn(challenge, code(step), somewhere())).rejects.toMatchObject(usedAlready)
    await finishSignIn(challenge, code(1), somewhere())
    for (const step of [0, 1])
      await expect(finishSignIn(challenge, code(step), somewhere())).rejects.toMatchObject(usedAlready)
    await expect(finishSignIn(challenge, code(2), somewhere())).rejects.toMatchObject(notRight)
    later(1)
    await finishSignIn(challenge, code(1), somewhere())
  })

  test("of many with the same code at the same moment lets one in", async () => {
    const { owner, code, recovery } = await twoSteps()
    const challenge = await firstStep(owner)
    for (const shown of [code(1), recovery[0]!]) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, () => finishSignIn(challenge, shown, somewhere())),
      )
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
    }
  })

  test("takes each recovery code once, with or without its spaces, and says so in the log", async () => {
    const { owner, actor, recovery } = await twoSteps()
    const challenge = await firstStep(owner)
    await finishSignIn(challenge, recovery[3]!.replaceAll(" ", ""), somewhere())
    await finishSignIn(challenge, recovery[4]!.replaceAll(" ", "-"), somewhere())
    for (const used of [recovery[3]!, recovery[4]!, "0000 0000 0000 0000"])
      await expect(finishSignIn(challenge, used, somewhere())).rejects.toMatchObject(notRight)
    expect(await getTwoFactorStatus(owner.id)).toMatchObject({ recovery_codes_left: 8 })
    expect(
      (await listEvents(actor, owner)).rows
        .filter(({ action }) => action === "factor.recovered")
        .map(({ details }) => details),
    ).toEqual([{ left: 8 }, { left: 9 }])
  })

  test("takes no code of somebody else, and nothing that is none", async () => {
    const [{ owner }, other] = [await twoSteps(), await twoSteps()]
    const challenge = await firstStep(owner)
    await expect(finishSignIn(challenge, other.code(1), somewhere())).rejects.toMatchObject(notRight)
    await expect(finishSignIn(challenge, other.recovery[0]!, somewhere())).rejects.toMatchObject(notRight)
    for (const nonsense of ["12345", "1234567", "abcdef", "１２３４５６", "null"])
      await expect(finishSignIn(challenge, nonsense, somewhere())).rejects.toMatchObject({
        kind: "invalid",
        detail: expect.stringContaining("6 digits"),
      })
  })

  test("does not go on with a challenge that is over, was changed, or whose account has another password or app since", async () => {
    const over = { kind: "unauthenticated", detail: "Your sign-in expired. Sign in again." }
    const { owner, actor, code, recovery } = await twoSteps()
    const challenge = await firstStep(owner)
    for (const none of [
      "",
      "x",
      `${challenge.slice(0, -2)}AA`,
      (await beginTwoFactorSetup(actor, password, host)).setupToken,
    ])
      await expect(finishSignIn(none, code(1), somewhere())).rejects.toMatchObject(over)
    later(21)
    await expect(finishSignIn(challenge, code(), somewhere())).rejects.toMatchObject(over)

    const before = await firstStep(owner)
    await setPasswordByLink(await issuePasswordLink(admin, owner.username), "another horse battery", null)
    await expect(finishSignIn(before, code(), somewhere())).rejects.toMatchObject(over)

    const github = await accountForGithub({ id: aName(), login: aName("octo") })
    const person = actorFor(github, "web")
    const setup = await beginTwoFactorSetup(person, "", host)
    const [first] = await enableTwoFactor(person, { setupToken: setup.setupToken, code: app(setup.secret)() }, null)
    const old = (await challengeFor(github))!
    await disableTwoFactor(person, { password: "", code: first! })
    await expect(finishSignIn(old, code(), somewhere())).rejects.toMatchObject(over)
    expect(recovery).toHaveLength(10)
  })

  test("does not go on once the account was closed", async () => {
    const { owner, code } = await twoSteps()
    const challenge = await firstStep(owner)
    await disableAccountRow(owner.username)
    await expect(finishSignIn(challenge, code(1), somewhere())).rejects.toMatchObject({ kind: "unauthenticated" })
  })

  test("still asks for the code after an administrator's link has set a password", async () => {
    const { owner, code } = await twoSteps()
    await setPasswordByLink(await issuePasswordLink(admin, owner.username), "another horse battery", null)
    const admission = await signIn({ username: owner.username, password: "another horse battery" }, somewhere())
    expect(admission).toEqual({ challenge: expect.any(String) })
    await finishSignIn((admission as { challenge: string }).challenge, code(1), somewhere())
  })

  test("is stopped after ten wrong codes from one address, and after thirty from any", async () => {
    const { owner, code, recovery } = await twoSteps()
    const challenge = await firstStep(owner)
    const wrong = wrongCode(code)
    const guesser = somewhere()
    for (let n = 0; n < 10; n++)
      await expect(finishSignIn(challenge, n % 2 ? wrong : "0000 0000 0000 0000", guesser)).rejects.toMatchObject(
        notRight,
      )
    for (const right of [code(1), recovery[0]!])
      await expect(finishSignIn(challenge, right, guesser)).rejects.toMatchObject({
        kind: "throttled",
        detail: "Too many wrong codes. Try again in 15 minutes.",
      })
    await finishSignIn(challenge, code(1), somewhere())

    await Promise.all(Array.from({ length: 30 }, () => finishSignIn(challenge, wrong, somewhere()).catch(() => {})))
    await expect(finishSignIn(challenge, recovery[0]!, somewhere())).rejects.toMatchObject({ kind: "throttled" })
    // The password alone does not help; after a quarter of an hour, codes are accepted again.
    expect(await signIn({ username: owner.username, password }, somewhere())).toEqual({ challenge: expect.any(String) })
    later(31)
    await finishSignIn(await firstStep(owner), recovery[0]!, somewhere())
  })

  test("is not stopped for somebody who signs in often", async () => {
    const { owner, recovery } = await twoSteps()
    const [challenge, home] = [await firstStep(owner), somewhere()]
    for (const code of recovery) await finishSignIn(challenge, code, home)
    await expect(finishSignIn(challenge, recovery[0]!, home)).rejects.toMatchObject(notRight)
  })
})

describe("while it is on", () => {
  test("new recovery codes take password and code, and end the old ones", async () => {
    const { owner, actor, code, recovery } = await twoSteps()
    await expect(renewRecoveryCodes(actor, { password: "wrong", code: code(1) })).rejects.toMatchObject({
      fields: { password: expect.any(String) },
    })
    await expect(renewRecoveryCodes(actor, { password, code: wrongCode(code) })).rejects.toMatchObject(notRight)
    const fresh = await renewRecoveryCodes(actor, { password, code: code(1) })
    expect(fresh).toHaveLength(10)
    await expect(requireCode(actor, recovery[0]!)).rejects.toMatchObject(notRight)
    await requireCode(actor, fresh[0]!)
    expect(await actionsOf(actor, owner)).toEqual(expect.arrayContaining(["factor.codes_renewed", "factor.recovered"]))
  })

  test("turning it off takes password and code, and leaves nothing of it", async () => {
    const { owner, actor, code, recovery } = await twoSteps()
    await expect(disableTwoFactor(actor, { password: "", code: code(1) })).rejects.toMatchObject({
      fields: { password: expect.any(String) },
    })
    await expect(disableTwoFactor(actor, { password, code: code() })).rejects.toMatchObject(usedAlready)
    expect(await getTwoFactorStatus(owner.id)).not.toBeNull()
    await disableTwoFactor(actor, { password, code: recovery[0]! })
    expect(await getTwoFactorStatus(owner.id)).toBeNull()
    expect(await signIn({ username: owner.username, password }, somewhere())).toEqual({ secret: expect.any(String) })
    expect(await actionsOf(actor, owner)).toContain("factor.disabled")
    await expect(disableTwoFactor(actor, { password, code: recovery[1]! })).rejects.toMatchObject({ kind: "conflict" })
    expect((await read().select().from(recovery_codes)).some(({ owner_id }) => owner_id === owner.id)).toBe(false)
  })

  test("an administrator turns it off for somebody else, and both logs say so", async () => {
    const { owner, actor } = await twoSteps()
    const listed = async () =>
      (await listAccounts(admin, { query: owner.username })).rows.map(({ two_steps }) => two_steps)
    expect(await listed()).toEqual([true])
    await expect(resetTwoFactorOf(actor, owner.username)).rejects.toMatchObject({ kind: "missing" })
    await expect(resetTwoFactorOf({ ...admin, owner_id: owner.id }, owner.username)).rejects.toMatchObject({
      kind: "invalid",
    })
    await resetTwoFactorOf(admin, owner.username)
    expect(await listed()).toEqual([false])
    expect(await signIn({ username: owner.username, password }, somewhere())).toEqual({ secret: expect.any(String) })
    const dropped = { action: "factor.dropped", subject: owner.username, actor: admin.username }
    expect((await listEvents(actor, owner)).rows).toContainEqual(expect.objectContaining(dropped))
    expect((await listInstallationEvents(admin)).rows).toContainEqual(expect.objectContaining(dropped))
    await expect(resetTwoFactorOf(admin, owner.username)).rejects.toMatchObject({ kind: "invalid" })
  })

  test("the export says that it is on, and nothing that lets anybody in", async () => {
    const { actor, secret, recovery } = await twoSteps()
    const data = await exported(actor, "http://localhost")
    expect(data.two_step_sign_in).toEqual({ since: expect.any(String), recovery_codes_left: 10 })
    const text = JSON.stringify(data)
    for (const hidden of [secret, "sealed.", "argon2", ...recovery]) expect(text).not.toContain(hidden)
    expect((await exported((await aPerson()).actor, "http://localhost")).two_step_sign_in).toBeNull()
  })

  test("deleting the account deletes it as well", async () => {
    const { owner, actor } = await twoSteps()
    await deleteAccount(actor, owner, { confirmation: owner.username, password })
    expect(await getTwoFactorStatus(owner.id)).toBeNull()
  })

  test("another secret of the installation makes codes unreadable, and the recovery codes still let in", async () => {
    const { owner, actor, code, recovery } = await twoSteps()
    const slot = globalThis as unknown as Record<symbol, string>
    const key = Symbol.for("understudy.secret")
    const before = slot[key]!
    slot[key] = "another secret of this installation, as after a restore elsewhere"
    try {
      await expect(requireCode(actor, code(1))).rejects.toMatchObject({
        kind: "unavailable",
        detail: expect.stringContaining("recovery code"),
      })
      expect(await challengeFor(owner)).toBeDefined()
      await requireCode(actor, recovery[0]!)
    } finally {
      slot[key] = before
    }
    await requireCode(actor, code(1))
  })
})
