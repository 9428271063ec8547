import type { EventBody } from "./present"
import { actions, type Topic } from "./schema"

export const topicsInWords: Record<Topic, string> = {
  models: "Models and versions",
  deployments: "Deployments",
  predictions: "Predictions",
  collections: "Collections",
  tokens: "Tokens",
  members: "Members",
  settings: "Settings",
  sessions: "Sign-ins",
}

export const sourcesInWords: Record<EventBody["via"], string> = {
  web: "Website",
  api: "API",
  registry: "Registry",
  cli: "Command line",
}

const known: Record<string, string> = Object.assign({}, ...Object.values(actions))

/** An action in words, such as "created the model"; unknown ones unchanged. */
export const actionInWords = (action: string): string => known[action] ?? action

/** An event for a page, with its details as lines of text. */
export const inWords = ({ details, ...event }: EventBody) => ({ ...event, changes: changesInWords(details) })
export type EventWords = ReturnType<typeof inWords>

/** "visibility: private → public", "description changed", "role: viewer". */
function changesInWords(details: EventBody["details"]): string[] {
  return Object.entries(details).flatMap(([name, value]) => {
    if (name.endsWith("_was") || name === "from" || value === false || (name === "expires_at" && value === null))
      return []
    const label = name.replaceAll("_", " ")
    const before = details[`${name}_was`] ?? (name === "to" ? details.from : undefined)
    if (value === "changed") return [`${label} changed`]
    if (value === true) return [label]
    if (value === null) return [`${label} cleared`]
    return [before === undefined ? `${label}: ${value}` : `${name === "to" ? "" : `${label}: `}${before} → ${value}`]
  })
}
