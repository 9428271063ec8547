import { wordsOf } from "@/lib/models/words"
import type { Theme } from "../theme-switch"

/** What the palette shows. */
export type PaletteView = "commands" | "shortcuts"

export type PaletteViewer = { username: string; is_admin: boolean } | null

export type SuggestedModel = {
  owner: string
  name: string
  description: string | null
  visibility: "public" | "private"
}

/** What choosing an entry does. */
export type Deed = { go: string } | { theme: Theme } | { signOut: true } | { shortcuts: true }

export type Entry = {
  id: string
  group: "Actions" | "Go to" | "Models" | "Search" | "More"
  icon: string
  says: string
  detail?: string
  mark?: string
  deed: Deed
  also?: string
}

/** Everything that can be done from anywhere, most wanted first. */
export function commandsFor(viewer: PaletteViewer): Entry[] {
  const to = (go: string) => ({ go })
  const entries: (Entry | false)[] = [
    { id: "create", group: "Actions", icon: "plus", says: "Create a model", also: "new add", deed: to("/create") },
    viewer !== null && {
      id: "token",
      group: "Actions",
      icon: "key",
      says: "New API token",
      also: "create key secret access",
      deed: to("/account/api-tokens?new-token-name="),
    },
    viewer?.is_admin === true && {
      id: "collection",
      group: "Actions",
      icon: "plus",
      says: "New collection",
      also: "create add curate",
      deed: to("/collections/new"),
    },
    viewer === null && {
      id: "signin",
      group: "Actions",
      icon: "user",
      says: "Sign in",
      also: "log in login account",
      deed: to("/signin"),
    },
    viewer === null && {
      id: "signup",
      group: "Actions",
      icon: "user",
      says: "Create an account",
      also: "sign up register join",
      deed: to("/signup"),
    },
    viewer !== null && {
      id: "profile",
      group: "Go to",
      icon: "user",
      says: "Your profile",
      also: `my models me ${viewer.username}`,
      deed: to(`/${viewer.username}`),
    },
    viewer !== null && {
      id: "organizations",
      group: "Go to",
      icon: "user",
      says: "Your organizations",
      also: "teams members invitations",
      deed: to("/organizations"),
    },
    {
      id: "explore",
      group: "Go to",
      icon: "search",
      says: "Explore models",
      also: "browse find list",
      deed: to("/explore"),
    },
    { id: "collections", group: "Go to", icon: "box", says: "Collections", also: "browse", deed: to("/collections") },
    {
      id: "pricing",
      group: "Go to",
      icon: "gpu",
      says: "Pricing",
      also: "cost hardware calculator money",
      deed: to("/pricing"),
    },
    {
      id: "api",
      group: "Go to",
      icon: "terminal",
      says: "API reference",
      also: "docs http rest openapi",
      deed: to("/docs/api"),
    },
    viewer !== null && {
      id: "tokens",
      group: "Go to",
      icon: "key",
      says: "API tokens",
      also: "keys secrets revoke",
      deed: to("/account/api-tokens"),
    },
    {
      id: "light",
      group: "More",
      icon: "sun",
      says: "Theme: light",
      also: "switch colour color bright day",
      deed: { theme: "light" },
    },
    {
      id: "dark",
      group: "More",
      icon: "moon",
      says: "Theme: dark",
      also: "switch colour color night",
      deed: { theme: "dark" },
    },
    {
      id: "system",
      group: "More",
      icon: "monitor",
      says: "Theme: like the system",
      also: "switch colour color auto",
      deed: { theme: "system" },
    },
    {
      id: "shortcuts",
      group: "More",
      icon: "info",
      says: "Keyboard shortcuts",
      also: "keys help",
      deed: { shortcuts: true },
    },
    viewer !== null && {
      id: "signout",
      group: "More",
      icon: "out",
      says: "Sign out",
      also: "log out logout leave",
      deed: { signOut: true },
    },
  ]
  return entries.filter((entry) => entry !== false)
}

/** What fits the typed text, in the order it is shown: commands that it begins, models, other commands, and a search for it. */
export function entriesFor(commands: Entry[], models: SuggestedModel[], typed: string): Entry[] {
  const text = typed.trim()
  const found = models.map(({ owner, name, description, visibility }): Entry => ({
    id: `model-${owner}-${name}`,
    group: "Models",
    icon: "model",
    says: `${owner}/${name}`,
    detail: description ?? undefined,
    mark: visibility === "private" ? "Private" : undefined,
    deed: { go: `/${owner}/${name}` },
  }))
  if (!text) return [...inGroups(commands, ["Actions"]), ...found, ...inGroups(commands, ["Go to", "More"])]

  const words = wordsOf(text)
  const fitting = commands.filter(({ says, also }) => {
    const own = wordsOf(`${says} ${also ?? ""}`)
    return words.length > 0 && words.every((word) => own.some((candidate) => candidate.startsWith(word)))
  })
  const begun = (entry: Entry) => entry.says.toLowerCase().startsWith(text.toLowerCase())
  return [
    ...inGroups(fitting.filter(begun), ["Actions", "Go to", "More"]),
    ...found,
    ...fitting.filter((entry) => !begun(entry)).map((entry): Entry => ({ ...entry, group: "More" })),
    {
      id: "search",
      group: "Search",
      icon: "search",
      says: `Search all models for “${text}”`,
      deed: { go: `/explore?${new URLSearchParams({ q: text })}` },
    },
  ]
}

const inGroups = (entries: Entry[], groups: Entry["group"][]) =>
  groups.flatMap((group) => entries.filter((entry) => entry.group === group))
