import { consumeRateLimit } from "@/lib/rate-limits/rate-limit"
import { networkOf } from "@/lib/rate-limits/network"
import type { Actor } from "@/lib/auth/actor"
import { fromNow, now } from "@/lib/clock"
import { auditEvent } from "@/lib/events/record"
import { linkOf } from "@/lib/input"
import { setting } from "@/lib/settings/setting"
import { problem } from "@/lib/problem"
import { requireStrongPassword } from "./password-strength"
import { hashPassword } from "./password"
import { Password, SignUpInput, Username } from "./schema"
import {
  anyUserRow,
  lockAccount,
  findAccountRow,
  findUsernames,
  findAccountByGithub,
  insertUserRow,
  listAccountRows,
  setAdministrator,
  setDisabled,
  type Account,
} from "./store"

export { lockAccount, setAdministrator, setDisabled, type Account }

/** The client that signs up: its address is rate limited. */
type Origin = { address: string | null }

/**
 * Creates an account. Throws `forbidden` if sign-up is closed, what `requireStrongPassword` throws, `conflict` if the
 * name was ever used, `throttled` for too many.
 */
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

/** Whether the account of that name was created within the last minute. */
export const hasJustSignedUp = async (username: string): Promise<boolean> =>
  ((await findAccount(username))?.created_at ?? "") > fromNow(-60)

export const signUpIsOpen = (): boolean => setting("SIGNUP") === "open"

/** Accounts per address, and organizations per person, that may be created in an hour. */
export const signUpsPerHour = (): number => setting("SIGNUPS_PER_HOUR")

/** Whether there are no accounts yet: the first one becomes the administrator. */
export const instanceIsNew = async (): Promise<boolean> => !(await anyUserRow())

/** Creates an account for the operator, regardless of SIGNUP. Without a password, it can only use tokens or GitHub. */
export async function addUser(input: { username: string; password?: string }): Promise<Account> {
  const username = Username.parse(input.username)
  const password = input.password === undefined ? null : Password.parse(input.password)
  if (password !== null) await requireStrongPassword(password, username)
  const password_hash = password === null ? null : await hashPassword(password)
  return insertUser({ username, name: username, password_hash }, "cli", null)
}

/** The profile of a GitHub user. */
export type GithubProfile = {
  id: string
  login: string
  name?: string | null
  avatar_url?: string | null
  html_url?: string | null
  address?: string | null
}

/** The account of a GitHub user; created on first sign-in with the GitHub name, or the nearest free one. */
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
    // Either the name is in use, or the same person has just signed in from another browser.
    const opened = owner ?? (await findAccountByGithub(profile.id))
    if (opened) return opened
  }
  throw problem(
    "conflict",
    `No free username like ${profile.login} was found. Sign up with a username and a password instead.`,
  )
}

/** The existing account of a GitHub user, unless it is disabled. */
export const findGithubAccount = async (github_id: string): Promise<Account | undefined> => {
  const owner = await findAccountByGithub(github_id)
  return owner?.disabled_at ? undefined : owner
}

/** Usernames close to a GitHub name, which may be shorter than ours or contain an underscore. */
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

/** The account of that name, or undefined. Profiles are public, so everybody may know which accounts exist. */
export const findAccount = async (username: string): Promise<Account | undefined> => {
  const owner = await findAccountRow(username)
  return owner?.disabled_at ? undefined : owner
}

/** The account of that name, including disabled ones, for administrators. */
export const findUndeletedAccount = async (username: string): Promise<Account | undefined> => {
  const account = await findAccountRow(username)
  return account?.deleted_at ? undefined : account
}

/** The account of that name. Throws `missing` if there is none. */
export async function getAccount(username: string): Promise<Account> {
  const owner = await findAccount(username)
  if (!owner) throw problem("missing", "The requested resource could not be found.")
  return owner
}

/** Usernames by account ID, including disabled accounts. */
export async function usernamesOf(ids: number[]): Promise<Map<number, string>> {
  const rows = await findUsernames([...new Set(ids)])
  return new Map(rows.map(({ id, username }) => [id, username]))
}

/** The username of an account ID. */
export async function accountOf(id: number): Promise<{ id: number; username: string }> {
  return { id, username: (await usernamesOf([id])).get(id) ?? "" }
}

export const listUsers = (): Promise<Account[]> => listAccountRows()

/** An actor that acts as an account, with all scopes and no roles. */
export const actorFor = (owner: Account, via: Actor["via"]): Actor => ({
  owner_id: owner.id,
  username: owner.username,
  is_admin: owner.is_admin,
  via,
  scopes: ["read", "write", "push"],
})
