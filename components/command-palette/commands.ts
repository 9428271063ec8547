import { searchTerms } from "@/lib/models/search-terms"
import type { Theme } from "../theme-switch"

export type PaletteView = "commands" | "shortcuts"

/** What the palette knows about the viewer; null if signed out. */
export type PaletteViewer = { username: string; is_admin: boolean } | null

export type SuggestedModel = {
  owner: string
  name: string
  description: string | null
  visibility: "public" | "private"
}

/** The effect of an entry. */
type PaletteCommand = { go: string } | { theme: Theme } | { signOut: true } | { shortcuts: true }

export type Entry = {
  id: string
  group: "Actions" | "Go to" | "Models" | "Search" | "More"
  icon: string
  label: string
  detail?: string
  mark?: string
  command: PaletteCommand
  also?: string
}

/** The commands that the viewer can use, most common first. */
export function commandsFor(viewer: PaletteViewer): Entry[] {
  const to = (go: string) => ({ go })
  const entries: (Entry | false)[] = [
    { id: "create", group: "Actions", icon: "plus", label: "Create a model", also: "new add", command: to("/create") },
    viewer !== null && {
      id: "token",
      group: "Actions",
      icon: "key",
      label: "New API token",
      also: "create key secret access",
      command: to("/account/api-tokens?new-token-name="),
    },
    viewer !== null && {
      id: "deployment",
      group: "Actions",
      icon: "plus",
      label: "New deployment",
      also: "create deploy add endpoint",
      command: to("/deployments/create"),
    },
    viewer?.is_admin === true && {
      id: "collection",
      group: "Actions",
      icon: "plus",
      label: "New collection",
      also: "create add curate",
      command: to("/collections/new"),
    },
    viewer === null && {
      id: "signin",
      group: "Actions",
      icon: "user",
      label: "Sign in",
      also: "log in login account",
      command: to("/signin"),
    },
    viewer === null && {
      id: "signup",
      group: "Actions",
      icon: "user",
      label: "Create an account",
      also: "sign up register join",
      command: to("/signup"),
    },
    viewer !== null && {
      id: "profile",
      group: "Go to",
      icon: "user",
      label: "Your models",
      also: `my profile me ${viewer.username}`,
      command: to(`/${viewer.username}`),
    },
    viewer !== null && {
      id: "predictions",
      group: "Go to",
      icon: "clock",
      label: "Predictions",
      also: "runs history jobs",
      command: to("/predictions"),
    },
    viewer !== null && {
      id: "deployments",
      group: "Go to",
      icon: "box",
      label: "Deployments",
      also: "endpoints instances",
      command: to("/deployments"),
    },
    viewer !== null && {
      id: "organizations",
      group: "Go to",
      icon: "user",
      label: "Your organizations",
      also: "teams members invitations",
      command: to("/organizations"),
    },
    {
      id: "explore",
      group: "Go to",
      icon: "search",
      label: "Explore models",
      also: "browse find list",
      command: to("/explore"),
    },
    {
      id: "collections",
      group: "Go to",
      icon: "box",
      label: "Collections",
      also: "browse",
      command: to("/collections"),
    },
    {
      id: "pricing",
      group: "Go to",
      icon: "gpu",
      label: "Pricing",
      also: "cost hardware calculator money",
      command: to("/pricing"),
    },
    {
      id: "api",
      group: "Go to",
      icon: "terminal",
      label: "API reference",
      also: "docs http rest openapi",
      command: to("/docs/api"),
    },
    viewer !== null && {
      id: "tokens",
      group: "Go to",
      icon: "key",
      label: "API tokens",
      also: "keys secrets revoke",
      command: to("/account/api-tokens"),
    },
    {
      id: "light",
      group: "More",
      icon: "sun",
      label: "Theme: light",
      also: "switch colour color bright day",
      command: { theme: "light" },
    },
    {
      id: "dark",
      group: "More",
      icon: "moon",
      label: "Theme: dark",
      also: "switch colour color night",
      command: { theme: "dark" },
    },
    {
      id: "system",
      group: "More",
      icon: "monitor",
      label: "Theme: system",
      also: "switch colour color auto",
      command: { theme: "system" },
    },
    {
      id: "shortcuts",
      group: "More",
      icon: "info",
      label: "Keyboard shortcuts",
      also: "keys help",
      command: { shortcuts: true },
    },
    viewer !== null && {
      id: "signout",
      group: "More",
      icon: "out",
      label: "Sign out",
      also: "log out logout leave",
      command: { signOut: true },
    },
  ]
  return entries.filter((entry) => entry !== false)
}

/** The entries for the typed text, in order: commands that begin with it, models, other commands, and a search. */
export function entriesFor(commands: Entry[], models: SuggestedModel[], typed: string): Entry[] {
  const text = typed.trim()
  const found = models.map(({ owner, name, description, visibility }): Entry => ({
    id: `model-${owner}-${name}`,
    group: "Models",
    icon: "model",
    label: `${owner}/${name}`,
    detail: description ?? undefined,
    mark: visibility === "private" ? "Private" : undefined,
    command: { go: `/${owner}/${name}` },
  }))
  if (!text) return [...inGroups(commands, ["Actions"]), ...found, ...inGroups(commands, ["Go to", "More"])]

  const words = searchTerms(text)
  const fitting = commands.filter(({ label, also }) => {
    const own = searchTerms(`${label} ${also ?? ""}`)
    return words.length > 0 && words.every((word) => own.some((candidate) => candidate.startsWith(word)))
  })
  const begun = (entry: Entry) => entry.label.toLowerCase().startsWith(text.toLowerCase())
  return [
    ...inGroups(fitting.filter(begun), ["Actions", "Go to", "More"]),
    ...found,
    ...fitting.filter((entry) => !begun(entry)).map((entry): Entry => ({ ...entry, group: "More" })),
    {
      id: "search",
      group: "Search",
      icon: "search",
      label: `Search all models for “${text}”`,
      command: { go: `/explore?${new URLSearchParams({ q: text })}` },
    },
  ]
}

const inGroups = (entries: Entry[], groups: Entry["group"][]) =>
  groups.flatMap((group) => entries.filter((entry) => entry.group === group))
