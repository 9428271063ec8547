import type { Account } from "@/lib/owners/owner"

export const profileFields = ["name", "description", "avatar_url", "github_url"] as const
export type Profile = Record<(typeof profileFields)[number], string>

/** The values of the profile form. */
export const profileOf = (account: Account): Profile =>
  Object.fromEntries(profileFields.map((field) => [field, account[field] ?? ""])) as Profile

export type Contact = { email: string }

/** The values of the contact form. */
export const contactOf = ({ email }: Account): Contact => ({ email: email ?? "" })
