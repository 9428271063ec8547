import "server-only"

import type { NextAuthOptions } from "next-auth"
import NextAuth from "next-auth"
import { encode } from "next-auth/jwt"
import Credentials from "next-auth/providers/credentials"
import GitHub from "next-auth/providers/github"
import { cookies, headers } from "next/headers"
import { cache } from "react"

import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import { authSecret } from "@/lib/auth/secret"
import { originOf } from "@/lib/origin"
import { rolesOf } from "@/lib/organizations/organization"
import { actorFor, findAccount, findGithubAccount, accountForGithub, type Account } from "@/lib/owners/owner"
import { problem } from "@/lib/problem"
import { endSession, findSessionAccount, idOf, openSession, sessionSeconds, type Visitor } from "@/lib/sessions/session"
import { findChallengeAccount, finishSignIn, signIn, challengeFor, challengeSeconds } from "@/lib/sign-in/sign-in"
import { safeNext } from "./form"
import { secretIn } from "./session-cookie"

declare module "next-auth/jwt" {
  interface JWT {
    /** The secret of our own session row; it never reaches the browser outside the sealed cookie. */
    secret?: string
  }
}

// server.mjs has already dropped every forwarded header that may not be believed.
process.env.AUTH_TRUST_HOST = "1"
if (env.PUBLIC_URL) process.env.NEXTAUTH_URL = env.PUBLIC_URL

const secure = env.PUBLIC_URL?.startsWith("https://") ?? false
const cookieOptions = { httpOnly: true, sameSite: "lax", path: "/", secure } as const
const cookie = (name: string) => ({ name: `${secure ? "__Host-" : ""}understudy.${name}`, options: cookieOptions })
const cookieName = cookie("session").name
const challengeCookie = cookie("second-step").name

export const githubIsOn = (): boolean => Boolean(env.GITHUB_ID && env.GITHUB_SECRET)

const options = (): NextAuthOptions => ({
  secret: authSecret(),
  session: { strategy: "jwt", maxAge: sessionSeconds },
  cookies: {
    sessionToken: cookie("session"),
    callbackUrl: cookie("callback"),
    csrfToken: cookie("csrf"),
    pkceCodeVerifier: cookie("pkce"),
    state: cookie("state"),
    nonce: cookie("nonce"),
  },
  pages: { signIn: "/signin", error: "/signin" },
  providers: [
    Credentials({
      credentials: { username: { label: "Username" }, password: { label: "Password", type: "password" } },
      authorize: async (credentials) => {
        const admission = await signIn(credentials as { username: string; password: string }, await visitor()).catch(
          () => null,
        )
        // The second step is taken on our own page alone.
        return admission && "secret" in admission ? { id: admission.secret } : null
      },
    }),
    ...(githubIsOn()
      ? [GitHub({ clientId: env.GITHUB_ID!, clientSecret: env.GITHUB_SECRET!, checks: ["pkce", "state"] })]
      : []),
  ],
  callbacks: {
    async signIn({ account: provider }) {
      const account = provider?.provider === "github" ? await findGithubAccount(provider.providerAccountId) : undefined
      const challenge = account && (await challengeFor(account))
      if (!challenge) return true
      await setChallengeCookie(challenge)
      return secondStep(await returnPath())
    },
    async jwt({ token, user, account, profile }) {
      if (account) await endCurrentSession()
      if (account?.provider === "credentials" && user) return { secret: user.id }
      if (account?.provider === "github" && profile) {
        const { login, name, avatar_url, html_url } = profile as {
          login: string
          name?: string
          avatar_url?: string
          html_url?: string
        }
        const ours = await accountForGithub({
          id: account.providerAccountId,
          login,
          name,
          avatar_url,
          html_url,
          address: (await visitor()).address,
        })
        if (await challengeFor(ours)) throw problem("forbidden", "This account signs in in two steps.")
        return { secret: await openSession(ours, await visitor()) }
      }
      return { secret: token.secret }
    },
  },
  events: {
    async signOut({ token }) {
      if (token?.secret) await endSession(token.secret)
    },
  },
})

/** next-auth's own routes below /api/auth: the GitHub round trip, its CSRF token, sign-out. What changes something comes from our own pages only. */
export async function authRoutes(request: Request, context: unknown): Promise<Response> {
  if (request.method !== "GET" && request.headers.get("origin") !== originOf(request.headers))
    return Response.json(
      { title: "Forbidden", detail: "This request came from another site.", status: 403 },
      { status: 403 },
    )
  return NextAuth(options())(request, context)
}

/** The secret of the session this browser shows, whether or not it is still open. */
export const currentSecret = cache(async (): Promise<string | null> => {
  const sealed = (await cookies()).get(cookieName)?.value
  return sealed === undefined ? null : secretIn(sealed)
})

/** The account that is signed in, asked once a request; null for a visitor, an ended session or a disabled account. */
export const currentAccount = cache(async (): Promise<Account | null> => {
  const secret = await currentSecret()
  return (secret !== null && (await findSessionAccount(secret))) || null
})

/** Who is asking, for pages and actions, with what they are in organizations at this moment. */
export const currentActor = cache(async (): Promise<Actor | null> => {
  const [account, secret] = [await currentAccount(), await currentSecret()]
  return account && asVisitor(account, secret!, (await visitor()).address)
})

const asVisitor = async (account: Account, secret: string, address: string | null): Promise<Actor> => ({
  ...actorFor(account, "web"),
  session_id: idOf(secret),
  roles: await rolesOf(account.id),
  address,
})

/** For an answer that goes on for long: asks again, whenever it is called, who this request is from and what they are by then. */
export async function actorFromNowOn(): Promise<() => Promise<Actor | null>> {
  const [secret, { address }] = [await currentSecret(), await visitor()]
  return async () => {
    const account = secret === null ? undefined : await findSessionAccount(secret)
    return account ? asVisitor(account, secret!, address) : null
  }
}

/**
 * Checks name and password and signs this browser in, with a fresh session. False when the account asks for a code first, which
 * `finishSession` takes. Throws what `signIn` throws.
 */
export async function startSession(input: { username: string; password: string }): Promise<boolean> {
  const admission = await signIn(input, await visitor())
  if ("challenge" in admission) await setChallengeCookie(admission.challenge)
  else await replaceCookie(admission.secret)
  return "secret" in admission
}

/** Who has taken the first step in this browser, and not yet the second. */
export async function pendingSignIn(): Promise<Account | undefined> {
  const challenge = await currentChallenge()
  return challenge === undefined ? undefined : findChallengeAccount(challenge)
}

/** Takes the second step, and signs this browser in with a fresh session. Throws what `finishSignIn` throws. */
export async function finishSession(code: string): Promise<void> {
  await replaceCookie(await finishSignIn((await currentChallenge()) ?? "", code, await visitor()))
  const jar = await cookies()
  jar.delete({ name: challengeCookie, ...cookieOptions })
}

/** Signs this browser in as an account that was just opened. */
export async function startSessionAs(username: string): Promise<void> {
  const account = await findAccount(username)
  if (account) await replaceCookie(await openSession(account, await visitor()))
}

/** Gives this browser a fresh session in the place of the one it has, after something that makes copies of the old one worth nothing. */
export async function renewSession(): Promise<void> {
  const account = await currentAccount()
  if (account) await replaceCookie(await openSession(account, await visitor()))
}

/** Ends the session here and on the server. */
export async function stopSession(): Promise<void> {
  await endCurrentSession()
  const jar = await cookies()
  jar.delete({ name: cookieName, ...cookieOptions })
}

async function replaceCookie(secret: string) {
  await endCurrentSession()
  const sealed = await encode({ token: { secret }, secret: authSecret(), maxAge: sessionSeconds })
  const jar = await cookies()
  jar.set(cookieName, sealed, { ...cookieOptions, maxAge: sessionSeconds })
}

async function setChallengeCookie(challenge: string) {
  const jar = await cookies()
  jar.set(challengeCookie, challenge, { ...cookieOptions, maxAge: challengeSeconds })
}

const currentChallenge = async () => (await cookies()).get(challengeCookie)?.value

/** The page on which the second step is taken, and where it leads to then. */
export const secondStep = (next: string) => `/signin/code${next === "/" ? "" : `?next=${encodeURIComponent(next)}`}`

/** Where next-auth was told to go on to after the round trip; it keeps that as a whole address of this site. */
async function returnPath(): Promise<string> {
  const address = (await cookies()).get(cookie("callback").name)?.value ?? ""
  if (!URL.canParse(address)) return "/"
  const { pathname, search, hash } = new URL(address)
  return safeNext(`${pathname}${search}${hash}`)
}

async function endCurrentSession() {
  const secret = await currentSecret()
  if (secret !== null) await endSession(secret)
}

/** Where this request comes from; server.mjs writes the address, whatever the client claims. */
export async function visitor(): Promise<Visitor> {
  const bag = await headers()
  return { address: bag.get("x-understudy-address"), user_agent: bag.get("user-agent") }
}
