import { consumeRateLimit } from "@/lib/rate-limits/rate-limit"
import { requireScope, type Actor } from "@/lib/auth/actor"
import { auditEvent } from "@/lib/events/record"
import { setting } from "@/lib/instance/setting"
import { accountIsFull, alreadyExists, getModel, getManagedModel, type Model } from "@/lib/models/model"
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
/** Offers that a page shows; nobody gets to see more at once. */
const shown = 100

/**
 * Offers a model to another account. It stays where it is until somebody there accepts. Throws what `getManagedModel` throws,
 * `invalid` for an account that is not there or has the model already, and `conflict` while another offer stands.
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
  if (
    !(await insertTransfer(
      offer,
      auditEvent({ actor, owner_id: model.owner_id, action: "model.offered", subject: name, details: { to } }),
    ))
  )
    throw problem("conflict", "This model is already offered to somebody. Withdraw that offer first.")
}

/** The offer of a model that stands, or the last that ended; undefined when there was none. Throws what `getManagedModel` throws. */
export async function findTransfer(actor: Actor, owner: string, name: string): Promise<Transfer | undefined> {
  const model = await getManagedModel(actor, owner, name)
  return lastTransferOf(model.id, model.owner_id)
}

/** Takes an offer back. Throws what `getManagedModel` throws, and `conflict` when none stands any more. */
export async function withdrawTransfer(actor: Actor, owner: string, name: string): Promise<void> {
  const transfer = await findTransfer(actor, owner, name)
  const withdrawn =
    transfer &&
    (await endTransfer(
      transfer.id,
      "withdrawn",
      auditEvent({
        actor,
        owner_id: transfer.from_id,
        action: "offer.withdrawn",
        subject: name,
        details: { to: transfer.to },
      }),
    ))
  if (!withdrawn) throw problem("conflict", "There is no open offer to withdraw.")
}

/** What others offer to the accounts that the actor may create models for, newest first. */
export const listTransfersTo = async (actor: Actor): Promise<Transfer[]> =>
  listOpenTransferRows("to", await accountsOf(actor), shown)

/** What these accounts offer to others, newest first. */
export const listTransfersFrom = async (actor: Actor): Promise<Transfer[]> =>
  listOpenTransferRows("from", await accountsOf(actor), shown)

/**
 * Takes over a model that is offered, under the name it has or another. Throws `missing` for an offer that does not stand or is
 * for somebody else, `conflict` when the account has a model of that name, `forbidden` when it may not have one more, or not as many images.
 */
export async function acceptTransfer(actor: Actor, id: number, input: AcceptTransferInput): Promise<Model> {
  const transfer = await openTransfer(actor, id)
  const { name } = AcceptTransferInput.parse(input)
  const { from, to } = transfer
  // Both accounts' records tell of it.
  const events = [transfer.from_id, transfer.to_id].map((owner_id) =>
    auditEvent({ actor, owner_id, action: "model.transferred", subject: name, details: { from, to } }),
  )
  const outcome = await acceptTransferRow(
    transfer.id,
    name,
    { slots: setting("MODELS_PER_ACCOUNT"), bytes: storageLimit() },
    events,
  )
  if (outcome === "gone") throw missing()
  if (outcome === "taken") throw alreadyExists()
  if (outcome === "full") throw accountIsFull({ username: to })
  if (outcome === "heavy")
    throw problem(
      "forbidden",
      `${to} may store ${setting("STORAGE_PER_ACCOUNT_GB")} GB, and this model would exceed it. Delete unused versions first.`,
    )
  return getModel(actor, to, name)
}

/** Turns an offer down: the model stays where it is. Throws what `acceptTransfer` throws of a missing offer. */
export async function declineTransfer(actor: Actor, id: number): Promise<void> {
  const transfer = await openTransfer(actor, id)
  if (
    !(await endTransfer(
      transfer.id,
      "declined",
      auditEvent({
        actor,
        owner_id: transfer.from_id,
        action: "offer.declined",
        subject: transfer.name,
        details: { to: transfer.to },
      }),
    ))
  )
    throw missing()
}

async function openTransfer(actor: Actor, id: number): Promise<Transfer> {
  requireScope(actor, "write")
  const transfer = Number.isSafeInteger(id) ? await findOpenTransfer(id, await accountsOf(actor)) : undefined
  if (!transfer) throw missing()
  return transfer
}

const accountsOf = async (actor: Actor): Promise<number[]> => (await ownersToCreateFor(actor)).map(({ id }) => id)
