import { eq, getTableName, is } from "drizzle-orm"
import { getTableConfig as configOfPg, PgTable } from "drizzle-orm/pg-core"
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core"
import { describe, expect, test } from "vitest"

import { read, write } from "@/db"
import * as schema from "@/db/schema"
import type { Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { newId } from "@/lib/id"
import { actorFor, addUser, getAccount } from "@/lib/owners/owner"
import { cancelPrediction } from "@/lib/predictions/prediction"
import { aName, anAccount, anAdministrator } from "@/lib/test/factories"
import { aRun } from "@/lib/test/runs"
import { getWebhookSecret } from "@/lib/webhooks/secret"
import { disableAccount, enableAccount } from "./administration"
import { deleteAccount, listBlockers } from "./close"
import { lifecycles } from "./lifecycle"

const { deliveries, files, predictions, webhook_secrets } = schema

test("every table whose rows belong to an account or name one is some noun's to look after, and one noun's only", () => {
  const naming = Object.values(schema).flatMap((table): string[] => {
    const config = is(table, PgTable) ? configOfPg(table) : is(table, SQLiteTable) ? getTableConfig(table) : undefined
    const owners = config?.foreignKeys.filter((key) => getTableName(key.reference().foreignTable) === "owners")
    return owners?.length ? [config!.name] : []
  })
  const listed = lifecycles.flatMap(({ tables }) => tables.map((table): string => getTableName(table)))
  expect(naming.length).toBeGreaterThan(15)
  expect(naming.filter((table) => !listed.includes(table))).toEqual([])
  expect(listed.filter((table, at) => listed.indexOf(table) !== at)).toEqual([])
})

test("whatever is left as it is has a reason", () => {
  for (const { disable, close, export: part } of lifecycles)
    for (const one of [disable, close, part]) if (typeof one !== "function") expect(one.kept).toMatch(/^[A-Z].*\.$/)
})

describe("runs of an account", () => {
  /** A user with two runs of somebody else's model, one finished and one queued, both with files and webhooks. */
  async function aUser() {
    const { username } = await addUser({ username: aName("user") })
    const actor = actorFor(await getAccount(username), "web")
    const { actor: other } = await anAccount()
    const owned = { owner_id: actor.owner_id, created_by: actor.owner_id }
    const waiting = await aRun(other, owned)
    const over = await aRun(other, { ...owned, status: "succeeded", completed_at: now(), output: "secret", kept: true })
    for (const { number } of [waiting, over])
      await write(async (tx) => {
        await tx.insert(files).values(aFile(actor, number))
        await tx.insert(deliveries).values(aDelivery(actor, number))
      })
    await getWebhookSecret(actor)
    return { actor, over, waiting }
  }
  const aFile = ({ owner_id }: Actor, prediction: number) => ({
    id: newId(),
    owner_id,
    kind: "output" as const,
    prediction,
    name: "out.txt",
    content_type: "text/plain",
    size: 1,
    sha256: "",
    md5: "",
    metadata: {},
    secret: newId(),
    stored_as: newId(),
    created_at: now(),
    expires_at: null,
  })
  const aDelivery = ({ owner_id }: Actor, prediction: number) => ({
    id: `msg_${newId()}`,
    owner_id,
    prediction,
    event: "completed" as const,
    url: "https://example.com/",
    host: "example.com",
    body: "{}",
    attempts: 0,
    next_attempt_at: now(),
    created_at: now(),
  })
  const rowsOf = async ({ owner_id }: Actor) => ({
    files: await read().select().from(files).where(eq(files.owner_id, owner_id)),
    deliveries: await read().select().from(deliveries).where(eq(deliveries.owner_id, owner_id)),
    secrets: await read().select().from(webhook_secrets).where(eq(webhook_secrets.owner_id, owner_id)),
    runs: await read().select().from(predictions).where(eq(predictions.owner_id, owner_id)).orderBy(predictions.number),
  })

  test("end when it is disabled, and nothing more is sent; what there was is there again when it is enabled", async () => {
    const [admin, { actor }] = [await anAdministrator(), await aUser()]
    await disableAccount(admin, actor.username)
    const { files, deliveries, secrets, runs } = await rowsOf(actor)
    expect(runs).toMatchObject([{ deadline: expect.any(String) }, { deadline: null, output: "secret", kept: true }])
    expect(deliveries.map(({ next_attempt_at }) => next_attempt_at)).toEqual([null, null])
    expect(files.map(({ expires_at }) => expires_at)).toEqual([null, null])
    expect(secrets).toHaveLength(1)
    await enableAccount(admin, actor.username)
  })

  test("are in the way of deleting it until they are over, and then go with all that they were given and gave", async () => {
    const { actor, waiting } = await aUser()
    const account = await getAccount(actor.username)
    const confirmed = { confirmation: actor.username, password: "" }
    expect(await listBlockers(actor, account)).toEqual(["A prediction is still running: wait for it or cancel it."])
    await expect(deleteAccount(actor, account, confirmed)).rejects.toMatchObject({ kind: "invalid" })

    await cancelPrediction(actor, waiting.id)
    await deleteAccount(actor, account, confirmed)
    const { files, deliveries, secrets, runs } = await rowsOf(actor)
    expect(runs.map(({ kept, expires_at }) => [kept, expires_at! <= now()])).toEqual([
      [false, true],
      [false, true],
    ])
    expect(files.every(({ expires_at }) => expires_at! <= now())).toBe(true)
    expect([deliveries, secrets]).toEqual([[], []])
  })
})
