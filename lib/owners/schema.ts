import { z } from "zod"

import { blankIsNull, cleanText, Link } from "@/lib/input"

/**
 * Names no account may have: accounts share the top of the URL space with our pages, and some words would mislead. A
 * test compares this list with the folders of app/ and with Next's own pages.
 */
export const reservedNames: readonly string[] = [
  "404",
  "500",
  "about",
  "account",
  "admin",
  "administrator",
  "api",
  "app",
  "apple-icon",
  "assets",
  "auth",
  "batches",
  "billing",
  "blog",
  "changelog",
  "cog",
  "collections",
  "create",
  "dashboard",
  "deployments",
  "docs",
  "error",
  "explore",
  "favicon",
  "files",
  "fonts",
  "healthz",
  "help",
  "home",
  "hooks",
  "icon",
  "images",
  "index",
  "invitations",
  "jobs",
  "legal",
  "login",
  "logout",
  "manifest",
  "match-pattern",
  "me",
  "metrics",
  "new",
  "next",
  "null",
  "official",
  "opengraph-image",
  "organizations",
  "p",
  "playground",
  "predictions",
  "pricing",
  "privacy",
  "public",
  "readyz",
  "register",
  "robots",
  "root",
  "search",
  "security",
  "settings",
  "signin",
  "signout",
  "signup",
  "site",
  "sitemap",
  "static",
  "status",
  "support",
  "system",
  "team",
  "terms",
  "trainings",
  "twitter-image",
  "undefined",
  "understudy",
  "user",
  "users",
  "v1",
  "v2",
  "v3",
  "webhooks",
  "well-known",
  "www",
]

const reserved = new Set(reservedNames)

/** The username, the first part of an account's URLs. */
const accountName = (what: string) =>
  z
    .string({ error: `Choose a ${what}.` })
    .trim()
    .min(1, `Choose a ${what}.`)
    .min(2, `A ${what} has at least 2 characters.`)
    .max(39, `A ${what} has at most 39 characters.`)
    .regex(/^[a-z0-9-]+$/, "Use only lowercase letters, numbers and dashes.")
    .regex(/^[a-z0-9].*[a-z0-9]$/, "Start and end with a letter or a number.")
    .refine((name) => !reserved.has(name), "This name is reserved. Choose another.")

export const Username = accountName("username")
export const OrganizationName = accountName("name")

/** Long enough to be safe, short enough that hashing cannot keep the server busy. */
export const Password = z
  .string({ error: "Choose a password." })
  .min(1, "Choose a password.")
  .min(8, "A password has at least 8 characters.")
  .max(200, "A password has at most 200 characters.")

export const SignUpInput = z.object({ username: Username, password: Password })
export type SignUpInput = z.input<typeof SignUpInput>

export const SignInInput = z.object({
  username: z
    .string({ error: "Enter your username." })
    .trim()
    .min(1, "Enter your username.")
    .max(200, "Enter a valid username."),
  password: z
    .string({ error: "Enter your password." })
    .min(1, "Enter your password.")
    .max(200, "Enter a valid password."),
})
export type SignInInput = z.input<typeof SignInInput>

const ProfileLink = blankIsNull(Link.nullable())

/** The fields of a profile. */
export const ProfileInput = z.object({
  name: cleanText("Enter a name.").trim().min(1, "Enter a name.").max(100, "A name has at most 100 characters."),
  description: blankIsNull(cleanText().trim().max(300, "A description has at most 300 characters.").nullable()),
  avatar_url: ProfileLink,
  github_url: ProfileLink,
})
export type ProfileInput = {
  name: string
  description?: string | null
  avatar_url?: string | null
  github_url?: string | null
}

const CurrentPassword = z.string().max(200, "The password is wrong.")

/** Optional, and private. */
export const EmailInput = z.object({
  email: blankIsNull(
    z
      .email("Enter an email address such as you@example.com.")
      .max(254, "An email address has at most 254 characters.")
      .nullable(),
  ),
  password: CurrentPassword,
})
export type EmailInput = { email: string | null; password: string }

export const ChangePasswordInput = z.object({
  current: CurrentPassword,
  password: Password,
})
export type ChangePasswordInput = z.input<typeof ChangePasswordInput>
