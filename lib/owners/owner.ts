import { consumeRateLimit } from "@/lib/rate-limits/rate-limit"
import { networkOf } from "@/lib/rate-limits/network"
import type { Actor } from "@/lib/auth/actor"
import { now } from "@/lib/clock"
import { auditEvent } from "@/lib/events/record"
import { linkOf } from "@/lib/input"
import { setting } from "@/lib/instance/setting"
import { problem } from "@/lib/problem"
import { requireStrongPassword } from "./password-strength"
import { hashPassword } from "./password"
import { Password, SignUpInput, Username } from "./schema"
import {
  anyUserRow,
  findAccountRow,
  findUsernames,
  findAccountByGithub,
  insertUserRow,
  listAccountRows,
  setAdministrator,
  setDisabled,
  type Account,
} from "./store"

export { setAdministrator, setDisabled, type Account }

/** Who signs up, from where: the address is what a flood of sign-ups is counted by. */
type Origin = { address: string | null }

/** Opens an account. Throws `forbidden` when sign-up is closed, what `requireStrongPassword` throws, `conflict` when the name was ever used, `throttled` on a flood. */
export async function signUp(input: SignUpInput, { address }: Origin): Promise<Account> {
  if (!signUpIsOpen()) throw problem("forbidden", "Sign-up is closed. Ask an administrator for an account.")
  const { username, password } = SignUpInput.parse(input)
  await requireStrongPassword(password, username)
  await consumeRateLimit(
    `signup:${networkOf(address)}`,
    signUpsPerHour(),
    3600,
    "Too many accounts were created from your address.",
  )
  return insertUser({ username, name: username, password_hash: await hashPassword(password) }, "web", address)
}

export const signUpIsOpen = (): boolean => setting("SIGNUP") === "open"

/** Accounts that one address, or organizations that one person, may open in an hour. */
export const signUpsPerHour = (): number => setting("SIGNUPS_PER_HOUR")

/** Whether nobody has an account yet: the next one becomes the administrator. */
export const instanceIsNew = async (): Promise<boolean> => !(await anyUserRow())

/** Opens an account on an operator's word, whatever SIGNUP says; without a password it can sign in by other means only. */
export async function addUser(input: { username: string; password?: string }): Promise<Account> {
  const username = Username.parse(input.username)
  const password = input.password === undefined ? null : Password.parse(input.password)
  if (password !== null) await requireStrongPassword(password, username)
  const password_hash = password === null ? null : await hashPassword(password)
  return insertUser({ username, name: username, password_hash }, "cli", null)
}

/** What GitHub tells of a person who signs in there. */
export type GithubProfile = {
  id: string
  login: string
  name?: string | null
  avatar_url?: string | null
  html_url?: string | null
  address?: string | null
}

/** The account that belongs to a GitHub identity; the first time it is opened under the GitHub name, or the nearest free one. */
export async function accountForGithub(profile: GithubProfile): Promise<Account> {
  const known = await findAccountByGithub(profile.id)
  if (known?.disabled_at) throw problem("forbidden", "This account is disabled. Ask an administrator to enable it.")
  if (known) return known
  if (!signUpIsOpen()) throw problem("forbidden", "Sign-up is closed. Ask an administrator for an account.")

  for (const username of namesLike(profile.login)) {
    const owner = await insertUserRow(
      {
        type: "user",
        username,
        name: profile.name || profile.login,
        password_hash: null,
        github_id: profile.id,
        github_url: linkOf(profile.html_url),
        avatar_url: linkOf(profile.avatar_url),
        model_count: 0,
        created_at: now(),
      },
      openingOf(username, "web", profile.address ?? null),
    )
    // Either the name is taken, or the same person has just come in from another browser.
    const opened = owner ?? (await findAccountByGithub(profile.id))
    if (opened) return opened
  }
  throw problem(
    "conflict",
    `No free username like ${profile.login} was found. Sign up with a username and a password instead.`,
  )
}

/** The account that a GitHub identity has here already, unless it is closed. */
export const findGithubAccount = async (github_id: string): Promise<Account | undefined> => {
  const owner = await findAccountByGithub(github_id)
  return owner?.disabled_at ? undefined : owner
}

/** The usernames nearest to a GitHub name, which may be shorter than ours or hold an underscore. */
function namesLike(login: string): string[] {
  const name =
    login
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-+|-+$/g, "") || "user"
  const neighbours = Array.from({ length: 20 }, (_, n) => `${name.slice(0, 36)}-${n + 2}`)
  return [name, ...neighbours].filter((username) => Username.safeParse(username).success)
}

const openingOf = (username: string, via: Actor["via"], address: string | null) => ({
  ...auditEvent({ actor: null, owner_id: null, action: "account.opened", subject: username }),
  via,
  address,
})

async function insertUser(
  fields: Pick<Account, "username" | "name" | "password_hash">,
  via: Actor["via"],
  address: string | null,
): Promise<Account> {
  const owner = await insertUserRow(
    { type: "user", model_count: 0, created_at: now(), ...fields },
    openingOf(fields.username, via, address),
  )
  if (!owner)
    throw problem("conflict", `The username ${fields.username} is taken.`, {
      username: "This username is taken. Choose another.",
    })
  return owner
}

/** The account of that name, or undefined. Everybody may know which accounts exist: profiles are public. */
export const findAccount = async (username: string): Promise<Account | undefined> => {
  const owner = await findAccountRow(username)
  return owner?.disabled_at ? undefined : owner
}

/** The same for administrators, who see disabled accounts too. */
export const findUndeletedAccount = async (username: string): Promise<Account | undefined> => {
  const account = await findAccountRow(username)
  return account?.deleted_at ? undefined : account
}

/** Throws `missing` when there is no such account. */
export async function getAccount(username: string): Promise<Account> {
  const owner = await findAccount(username)
  if (!owner) throw problem("missing", "The requested resource could not be found.")
  return owner
}

/** The names of accounts by their ids, closed ones included. */
export async function usernamesOf(ids: number[]): Promise<Map<number, string>> {
  const rows = await findUsernames([...new Set(ids)])
  return new Map(rows.map(({ id, username }) => [id, username]))
}

/** What it takes to name an account that is known by its id. */
export async function accountOf(id: number): Promise<{ id: number; username: string }> {
  return { id, username: (await usernamesOf([id])).get(id) ?? "" }
}

export const listUsers = (): Promise<Account[]> => listAccountRows()

/** The operator at the command line, acting for an account. */
export const actorFor = (owner: Account, via: Actor["via"]): Actor => ({
  owner_id: owner.id,
  username: owner.username,
  is_admin: owner.is_admin,
  via,
  scopes: ["read", "write", "push"],
})
