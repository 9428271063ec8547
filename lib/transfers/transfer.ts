import { consumeRateLimit } from "@/lib/rate-limits/rate-limit"
import type { Db } from "@/db"
import { may } from "@/lib/access/policy"
import { stillHasAbility, writeAs } from "@/lib/access/write-as"
import { requireScope, type Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import { setting } from "@/lib/settings/setting"
import {
  modelLimitProblem,
  alreadyExists,
  getModel,
  getManagedModel,
  requireCanManage,
  type Model,
} from "@/lib/models/model"
import { writeModelAs } from "@/lib/models/write"
import { ownersToCreateFor } from "@/lib/organizations/organization"
import { findAccount } from "@/lib/owners/owner"
import { invalid, missing, problem } from "@/lib/problem"
import { storageLimit } from "@/lib/images/quota"
import {
  acceptTransferRow,
  endTransfer,
  findOpenTransfer,
  insertTransfer,
  lastTransferOf,
  listOpenTransferRows,
  type Transfer,
} from "./store"
import { AcceptTransferInput, OfferTransferInput } from "./schema"

export type { Transfer }

const offersPerHour = 30
/** The maximum number of offers on a page. */
const shown = 100

/**
 * Offers a model to another account. Nothing changes until it is accepted. Throws what `getManagedModel` throws,
 * `invalid` for an unknown account or the current owner, and `conflict` while another offer is open.
 */
export async function offerTransfer(
  actor: Actor,
  owner: string,
  name: string,
  input: OfferTransferInput,
): Promise<void> {
  const model = await getManagedModel(actor, owner, name)
  const { to } = OfferTransferInput.parse(input)
  await consumeRateLimit(`transfer:${actor.owner_id}`, offersPerHour, 3600, "Too many transfer offers.")
  const receiver = await findAccount(to)
  if (!receiver) throw invalid({ to: `There is no account named ${to}.` })
  if (receiver.id === model.owner_id) throw invalid({ to: `${to} already owns this model.` })
  const offer = { model_id: model.id, from_id: model.owner_id, to_id: receiver.id, offered_by: actor.owner_id }
  const event = auditEvent({ actor, owner_id: model.owner_id, action: "model.offered", subject: name, details: { to } })
  if (!(await writeModelAs(actor, model, requireCanManage, (tx) => insertTransfer(tx, offer, event))))
    throw problem("conflict", "This model is already offered to somebody. Withdraw that offer first.")
}

/** The open offer of a model, or the last one; undefined if there was none. Throws what `getManagedModel` throws. */
export async function findTransfer(actor: Actor, owner: string, name: string): Promise<Transfer | undefined> {
  const model = await getManagedModel(actor, owner, name)
  return lastTransferOf(model.id, model.owner_id)
}

/** Withdraws an offer. Throws what `getManagedModel` throws, and `conflict` if none is open. */
export async function withdrawTransfer(actor: Actor, owner: string, name: string): Promise<void> {
  const transfer = await findTransfer(actor, owner, name)
  if (!transfer) throw noOffer()
  const model = { id: transfer.model_id, owner_id: transfer.from_id }
  const event = auditEvent({
    actor,
    owner_id: transfer.from_id,
    action: "offer.withdrawn",
    subject: name,
    details: { to: transfer.to },
  })
  const withdraw = (tx: Db) => endTransfer(tx, transfer.id, "withdrawn", event)
  if (!(await writeModelAs(actor, model, requireCanManage, withdraw))) throw noOffer()
}

const noOffer = () => problem("conflict", "There is no open offer to withdraw.")

/** Offers to the accounts that the actor may create models for, newest first. */
export const listTransfersTo = async (actor: Actor): Promise<Transfer[]> =>
  listOpenTransferRows("to", await accountsOf(actor), shown)

/** Offers by these accounts, newest first. */
export const listTransfersFrom = async (actor: Actor): Promise<Transfer[]> =>
  listOpenTransferRows("from", await accountsOf(actor), shown)

/**
 * Accepts a transfer, under the same or another name. Throws `missing` for an offer that is closed or for somebody
 * else, `conflict` if the account has a model of that name, `forbidden` if it has reached its limit of models or
 * storage.
 */
export async function acceptTransfer(actor: Actor, id: number, input: AcceptTransferInput): Promise<Model> {
  const transfer = await openTransfer(actor, id)
  const { name } = AcceptTransferInput.parse(input)
  const { from, to } = transfer
  // Recorded in both accounts' audit logs.
  const events = [transfer.from_id, transfer.to_id].map((owner_id) =>
    auditEvent({ actor, owner_id, action: "model.transferred", subject: name, details: { from, to } }),
  )
  const room = { slots: setting("MODELS_PER_ACCOUNT"), bytes: storageLimit() }
  const outcome = await writeReceiving(actor, transfer, async (tx) => {
    const { from_id, offered_by } = transfer
    if (!(await stillHasAbility(tx, offered_by, "manage", from_id))) return "gone"
    return acceptTransferRow(tx, transfer.id, name, room, events)
  })
  if (outcome === "gone") throw missing()
  if (outcome === "taken") throw alreadyExists()
  if (outcome === "full") throw modelLimitProblem({ username: to })
  if (outcome === "heavy")
    throw problem(
      "forbidden",
      `${to} may store ${setting("STORAGE_PER_ACCOUNT_GB")} GB, and this model would exceed it. Delete unused versions first.`,
    )
  return getModel(actor, to, name)
}

/** Declines an offer. Throws what `acceptTransfer` throws for a missing offer. */
export async function declineTransfer(actor: Actor, id: number): Promise<void> {
  const transfer = await openTransfer(actor, id)
  const event = auditEvent({
    actor,
    owner_id: transfer.from_id,
    action: "offer.declined",
    subject: transfer.name,
    details: { to: transfer.to },
  })
  if (!(await writeReceiving(actor, transfer, (tx) => endTransfer(tx, transfer.id, "declined", event)))) throw missing()
}

/** A write by an actor who may create models for the account that gets the offer. Throws `missing` for all others. */
const writeReceiving = <T>(actor: Actor, { to_id }: Transfer, fn: (tx: Db) => Promise<T>): Promise<T> =>
  writeAs(actor, { scope: "write" }, async (tx, current) => {
    if (!may(current, "create", to_id)) throw missing()
    return fn(tx)
  })

async function openTransfer(actor: Actor, id: number): Promise<Transfer> {
  requireScope(actor, "write")
  const transfer = Number.isSafeInteger(id) ? await findOpenTransfer(id, await accountsOf(actor)) : undefined
  if (!transfer) throw missing()
  return transfer
}

const accountsOf = async (actor: Actor): Promise<number[]> => (await ownersToCreateFor(actor)).map(({ id }) => id)
