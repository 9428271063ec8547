import { z } from "zod"

import { roles, type Role } from "@/lib/auth/actor"
import { cleanText } from "@/lib/input"
import { OrganizationName } from "@/lib/owners/schema"

export const RoleInput = z.enum(roles, { error: "Choose a role." })

/** The input for creating an organization. Its display name defaults to its name. */
export const CreateOrganizationInput = z.object({
  username: OrganizationName,
  name: cleanText("Enter a name.").trim().max(100, "A name has at most 100 characters.").optional(),
})
export type CreateOrganizationInput = z.input<typeof CreateOrganizationInput>

export const invitationDays = 7

/** The person to invite, and the role. */
export const InviteInput = z.object({
  username: z
    .string({ error: "Enter a username." })
    .trim()
    .toLowerCase()
    .min(1, "Enter a username.")
    .max(200, "Enter a valid username."),
  role: RoleInput,
})
export type InviteInput = z.input<typeof InviteInput>

export const InviteByLinkInput = z.object({
  role: RoleInput,
  days: z.coerce
    .number({ error: "Enter a number of days." })
    .int("Enter a whole number of days.")
    .min(1, "A link is valid for at least 1 day.")
    .max(30, "A link is valid for at most 30 days.")
    .default(invitationDays),
})
export type InviteByLinkInput = { role: Role; days?: number | string }
