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
import {
  endSession,
  findSessionAccount,
  idOf,
  openSession,
  sessionSeconds,
  type SignInClient,
} from "@/lib/sessions/session"
import { findChallengeAccount, finishSignIn, signIn, challengeFor, challengeSeconds } from "@/lib/sign-in/sign-in"
import { safeNext } from "./form"
import { secretIn } from "./session-cookie"

declare module "next-auth/jwt" {
  interface JWT {
    /** The secret of our session row; it leaves the server only inside the sealed cookie. */
    secret?: string
  }
}

// server.mjs has already removed untrusted forwarded headers.
process.env.AUTH_TRUST_HOST = "1"
if (env.PUBLIC_URL) process.env.NEXTAUTH_URL = env.PUBLIC_URL

const cookieFor = (name: string, secure: boolean) => ({
  name: `${secure ? "__Host-" : ""}understudy.${name}`,
  options: { httpOnly: true, sameSite: "lax", path: "/", secure } as const,
})

/**
 * Whether this installation is reached over https, by PUBLIC_URL or through a trusted proxy; its cookies are then
 * secure.
 */
const isSecure = (bag: Headers) => originOf(bag).startsWith("https:")

const ownCookie = async (name: "session" | "second-step" | "callback") =>
  cookieFor(name, isSecure((await headers()) as Headers))

export const githubIsOn = (): boolean => Boolean(env.GITHUB_ID && env.GITHUB_SECRET)

const options = (secure: boolean): NextAuthOptions => ({
  secret: authSecret(),
  session: { strategy: "jwt", maxAge: sessionSeconds },
  cookies: {
    sessionToken: cookieFor("session", secure),
    callbackUrl: cookieFor("callback", secure),
    csrfToken: cookieFor("csrf", secure),
    pkceCodeVerifier: cookieFor("pkce", secure),
    state: cookieFor("state", secure),
    nonce: cookieFor("nonce", secure),
  },
  pages: { signIn: "/signin", error: "/signin" },
  providers: [
    Credentials({
      credentials: { username: { label: "Username" }, password: { label: "Password", type: "password" } },
      authorize: async (credentials) => {
        const admission = await signIn(
          credentials as { username: string; password: string },
          await currentClient(),
        ).catch(() => null)
        // The second step is only available on our own page.
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
          address: (await currentClient()).address,
        })
        if (await challengeFor(ours)) throw problem("forbidden", "This account signs in in two steps.")
        return { secret: await openSession(ours, await currentClient()) }
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

/**
 * next-auth's routes under /api/auth: GitHub sign-in, its CSRF token, sign-out. Writes are accepted from our own pages
 * only.
 */
export async function authRoutes(request: Request, context: unknown): Promise<Response> {
  if (request.method !== "GET" && request.headers.get("origin") !== originOf(request.headers))
    return refusal(403, "Forbidden", "This request came from another site.")
  // next-auth would try to sign in without a body, and answer 500.
  if (request.method === "GET" && new URL(request.url).pathname.endsWith("/callback/credentials"))
    return refusal(405, "Method not allowed", "Sign in with the form at /signin.", { allow: "POST" })
  return NextAuth(options(isSecure(request.headers)))(request, context)
}

const refusal = (status: number, title: string, detail: string, headers?: HeadersInit) =>
  Response.json({ title, detail, status }, { status, ...(headers && { headers }) })

/** The secret of this browser's session, whether or not it is open. */
export const currentSecret = cache(async (): Promise<string | null> => {
  const sealed = (await cookies()).get((await ownCookie("session")).name)?.value
  return sealed === undefined ? null : secretIn(sealed)
})

/** The signed-in account, looked up once per request; null for a visitor, an ended session or a disabled account. */
export const currentAccount = cache(async (): Promise<Account | null> => {
  const secret = await currentSecret()
  return (secret !== null && (await findSessionAccount(secret))) || null
})

/** The actor of pages and actions, with current roles. */
export const currentActor = cache(async (): Promise<Actor | null> => {
  const [account, secret] = [await currentAccount(), await currentSecret()]
  return account && asVisitor(account, secret!, (await currentClient()).address)
})

const asVisitor = async (account: Account, secret: string, address: string | null): Promise<Actor> => ({
  ...actorFor(account, "web"),
  session_id: idOf(secret),
  roles: await rolesOf(account.id),
  address,
})

/** For long-lived responses: a function that looks up the current actor of this request each time. */
export async function currentActorLoader(): Promise<() => Promise<Actor | null>> {
  const [secret, { address }] = [await currentSecret(), await currentClient()]
  return async () => {
    const account = secret === null ? undefined : await findSessionAccount(secret)
    return account ? asVisitor(account, secret!, address) : null
  }
}

/**
 * Checks name and password and signs this browser in with a new session. False if a code is required, see
 * `finishSession`. Throws what `signIn` throws.
 */
export async function startSession(input: { username: string; password: string }): Promise<boolean> {
  const admission = await signIn(input, await currentClient())
  if ("challenge" in admission) await setChallengeCookie(admission.challenge)
  else await replaceCookie(admission.secret)
  return "secret" in admission
}

/** The account that has passed the first step of sign-in in this browser, but not the second. */
export async function pendingSignIn(): Promise<Account | undefined> {
  const challenge = await currentChallenge()
  return challenge === undefined ? undefined : findChallengeAccount(challenge)
}

/** Checks the code and signs this browser in with a new session. Throws what `finishSignIn` throws. */
export async function finishSession(code: string): Promise<void> {
  await replaceCookie(await finishSignIn((await currentChallenge()) ?? "", code, await currentClient()))
  const [jar, { name, options }] = [await cookies(), await ownCookie("second-step")]
  jar.delete({ name, ...options })
}

/** Signs this browser in to a new account. */
export async function startSessionAs(username: string): Promise<void> {
  const account = await findAccount(username)
  if (account) await replaceCookie(await openSession(account, await currentClient()))
}

/** Replaces this browser's session with a new one, so that copies of the old cookie are worthless. */
export async function renewSession(): Promise<void> {
  const account = await currentAccount()
  if (account) await replaceCookie(await openSession(account, await currentClient()))
}

/** Ends this browser's session. */
export async function stopSession(): Promise<void> {
  await endCurrentSession()
  const [jar, { name, options }] = [await cookies(), await ownCookie("session")]
  jar.delete({ name, ...options })
}

async function replaceCookie(secret: string) {
  await endCurrentSession()
  const sealed = await encode({ token: { secret }, secret: authSecret(), maxAge: sessionSeconds })
  const [jar, { name, options }] = [await cookies(), await ownCookie("session")]
  jar.set(name, sealed, { ...options, maxAge: sessionSeconds })
}

async function setChallengeCookie(challenge: string) {
  const [jar, { name, options }] = [await cookies(), await ownCookie("second-step")]
  jar.set(name, challenge, { ...options, maxAge: challengeSeconds })
}

const currentChallenge = async () => (await cookies()).get((await ownCookie("second-step")).name)?.value

/** The page of the second step, and where it redirects to. */
export const secondStep = (next: string) => `/signin/code${next === "/" ? "" : `?next=${encodeURIComponent(next)}`}`

/** The path to return to after GitHub; next-auth stores it as an absolute URL of this site. */
async function returnPath(): Promise<string> {
  const address = (await cookies()).get((await ownCookie("callback")).name)?.value ?? ""
  if (!URL.canParse(address)) return "/"
  const { pathname, search, hash } = new URL(address)
  return safeNext(`${pathname}${search}${hash}`)
}

async function endCurrentSession() {
  const secret = await currentSecret()
  if (secret !== null) await endSession(secret)
}

/** The client of this request; server.mjs sets the address header. */
export async function currentClient(): Promise<SignInClient> {
  const bag = await headers()
  return { address: bag.get("x-understudy-address"), user_agent: bag.get("user-agent") }
}
