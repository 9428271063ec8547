import { z } from "zod"

/** Everything that is written down, by what it concerns, with the words people read: "alice *created the model* hotdog". */
export const actions = {
  models: {
    "model.created": "created the model",
    "model.updated": "changed the model",
    "model.renamed": "renamed the model",
    "model.offered": "offered the model",
    "offer.declined": "declined the offer of",
    "offer.withdrawn": "took back the offer of",
    "model.transferred": "transferred the model",
    "model.deleted": "deleted the model",
    "version.pushed": "pushed a version to",
    "version.deleted": "deleted a version of",
    "example.added": "added an example to",
    "example.removed": "removed an example from",
    "alias.moved": "gave a name to a version of",
    "alias.removed": "took a name from a version of",
  },
  tokens: {
    "token.issued": "issued the token",
    "token.revoked": "revoked the token",
    "webhook_secret.rotated": "made another webhook secret",
  },
  members: {
    "member.invited": "invited",
    "member.joined": "joined as",
    "member.changed": "changed the role of",
    "member.removed": "removed",
    "member.left": "left",
    "invitation.revoked": "took back the invitation of",
    "invitation.declined": "declined the invitation",
  },
  settings: {
    "account.opened": "opened the account",
    "account.updated": "changed the profile",
    "account.exported": "exported the data of",
    "account.deleted": "deleted the account",
    "account.disabled": "disabled the account",
    "account.enabled": "enabled the account",
    "password.changed": "changed the password",
    "password.reset": "set a new password by a link",
    "password.reset_issued": "made a password link for",
    "factor.enabled": "turned on two-step sign-in",
    "factor.disabled": "turned off two-step sign-in",
    "factor.dropped": "turned off two-step sign-in for",
    "factor.codes_renewed": "made new recovery codes",
    "hardware.changed": "changed the hardware",
    "hardware.added": "added the hardware",
    "instance.changed": "changed the instance settings",
  },
  sessions: {
    "session.opened": "signed in",
    "session.revoked": "ended a session",
    "factor.recovered": "used a recovery code",
  },
} as const

export const topics = Object.keys(actions) as Topic[]
export type Topic = keyof typeof actions
export type Action = { [T in Topic]: keyof (typeof actions)[T] }[Topic]

export const sources = ["web", "api", "registry", "cli"] as const

/** What a list of events may be narrowed to. */
export const EventFilter = z.object({
  topic: z.enum(topics as [Topic, ...Topic[]], { error: `A topic is one of ${topics.join(", ")}.` }).optional(),
  actor: z.string().max(100).optional(),
  via: z.enum(sources, { error: `A source is one of ${sources.join(", ")}.` }).optional(),
})
export type EventFilter = z.infer<typeof EventFilter>
