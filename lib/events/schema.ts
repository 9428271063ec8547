import { z } from "zod"

/** Every action by topic, with the words that complete a sentence: "alice *created the model* hotdog". */
export const actions = {
  models: {
    "model.created": "created the model",
    "model.updated": "changed the model",
    "model.egress_allowed": "allowed Internet access for",
    "model.egress_refused": "refused Internet access for",
    "model.renamed": "renamed the model",
    "model.offered": "offered the model",
    "offer.declined": "declined the offer of",
    "offer.withdrawn": "withdrew the offer of",
    "model.transferred": "transferred the model",
    "model.deleted": "deleted the model",
    "version.pushed": "pushed a version to",
    "version.trained": "trained a version of",
    "version.deleted": "deleted a version of",
    "example.added": "added an example to",
    "example.removed": "removed an example from",
    "alias.moved": "set an alias of a version of",
    "alias.removed": "removed an alias of a version of",
    "tag.moved": "moved a tag of",
    "manifest.deleted": "deleted a manifest of",
    "blob.deleted": "deleted a blob of",
  },
  deployments: {
    "deployment.created": "created the deployment",
    "deployment.updated": "changed the deployment",
    "deployment.rolled_back": "rolled back the deployment",
    "deployment.warmed": "booted instances of the deployment",
    "deployment.disabled": "disabled the deployment",
    "deployment.enabled": "enabled the deployment",
    "deployment.deleted": "deleted the deployment",
    "deployment.rolled_out": "rolled out a release of the deployment",
    "deployment.rollout_failed": "abandoned a release of the deployment",
  },
  predictions: {
    "prediction.shared": "shared the prediction",
    "prediction.unshared": "stopped sharing the prediction",
  },
  collections: {
    "collection.created": "created the collection",
    "collection.updated": "changed the collection",
    "collection.deleted": "deleted the collection",
    "collection.model_added": "added a model to the collection",
    "collection.model_removed": "removed a model from the collection",
    "collection.arranged": "moved a model in the collection",
  },
  tokens: {
    "token.issued": "created the token",
    "token.revoked": "revoked the token",
    "webhook_secret.rotated": "rotated the webhook secret",
  },
  members: {
    "member.invited": "invited",
    "member.joined": "joined as",
    "member.changed": "changed the role of",
    "member.removed": "removed",
    "member.left": "left",
    "invitation.revoked": "revoked the invitation of",
    "invitation.declined": "declined the invitation",
  },
  settings: {
    "account.opened": "created the account",
    "account.updated": "changed the profile",
    "account.exported": "exported the data of",
    "account.deleted": "deleted the account",
    "account.disabled": "disabled the account",
    "account.enabled": "enabled the account",
    "password.changed": "changed the password",
    "password.reset": "set a new password with a link",
    "password.reset_issued": "created a password link for",
    "factor.enabled": "turned on two-step sign-in",
    "factor.disabled": "turned off two-step sign-in",
    "factor.dropped": "turned off two-step sign-in for",
    "factor.codes_renewed": "created new recovery codes",
    "hardware.changed": "changed the hardware",
    "hardware.added": "added the hardware",
    "bundle.added": "added the model",
    "installation.changed": "changed the installation settings",
  },
  sessions: {
    "session.opened": "signed in",
    "session.revoked": "ended a session",
    "factor.recovered": "used a recovery code",
  },
} as const

const topics = Object.keys(actions) as Topic[]
export type Topic = keyof typeof actions
export type Action = { [T in Topic]: keyof (typeof actions)[T] }[Topic]

const sources = ["web", "api", "registry", "cli"] as const

/** The filters of a list of events. */
export const EventFilter = z.object({
  topic: z.enum(topics as [Topic, ...Topic[]], { error: `The topic must be one of ${topics.join(", ")}.` }).optional(),
  actor: z.string().max(100).optional(),
  via: z.enum(sources, { error: `The source must be one of ${sources.join(", ")}.` }).optional(),
})
export type EventFilter = z.infer<typeof EventFilter>
