import { randomBytes } from "node:crypto"

import { createModel, getModel } from "@/lib/models/model"
import { actorFor, addUser, findAccount, type Account } from "@/lib/owners/owner"
import { Problem, problem } from "@/lib/problem"
import { sampleLogin, sampleModels, type SampleModel } from "./samples"

/** How to sign in to the one sample account that has a password. */
type Login = { username: string; password: string; is_admin: boolean }

/**
 * Adds missing samples and returns how many. `announce` receives the password immediately, because it is not stored.
 * Throws `conflict` if somebody else has the name of a sample account.
 */
export async function seed(announce: (login: Login) => void): Promise<{ accounts: number; models: number }> {
  const usernames = [...new Set([sampleLogin, ...sampleModels.map(({ owner }) => owner)])]
  const known = new Map<string, Account>()
  for (const username of usernames) {
    const owner = await findAccount(username)
    if (!owner) continue
    await requireSample(owner)
    known.set(username, owner)
  }

  const owners = new Map(known)
  for (const username of usernames)
    if (!known.has(username)) owners.set(username, await openAccount(username, announce))

  let models = 0
  for (const model of sampleModels) if (await isAdded(owners.get(model.owner)!, model)) models++
  return { accounts: owners.size - known.size, models }
}

/** An account whose models are all no samples belongs to a person, and gets none. */
async function requireSample(owner: Account) {
  if (owner.model_count === 0) return
  for (const { name } of sampleModels.filter((model) => model.owner === owner.username))
    if (await getModel(actorFor(owner, "cli"), owner.username, name).catch(nothingIf("missing"))) return
  throw problem(
    "conflict",
    `${owner.username} is the name of a sample account, and somebody here has it. Nothing was changed.`,
  )
}

async function openAccount(username: string, announce: (login: Login) => void): Promise<Account> {
  if (username !== sampleLogin) return addUser({ username })
  const password = randomBytes(12).toString("base64url")
  const owner = await addUser({ username, password })
  announce({ username, password, is_admin: owner.is_admin })
  return owner
}

async function isAdded(owner: Account, model: SampleModel): Promise<boolean> {
  return (await createModel(actorFor(owner, "cli"), model).catch(nothingIf("conflict"))) !== undefined
}

const nothingIf = (kind: Problem["kind"]) => (error: unknown) => {
  if (error instanceof Problem && error.kind === kind) return undefined
  throw error
}
