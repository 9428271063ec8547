import { readdirSync } from "node:fs"

import { runScript } from "./run-script"
import { remember } from "./secrets"

export const targets = ["public", "private", "organization private", "deleted", "never existed"] as const
export type TargetName = (typeof targets)[number]
export type Target = { owner: string; name: string; version: string; cover: string; marker: string }
export type AuthorizationData = {
  organization: string
  invitation: string
  reset: string
  collection: string
  /** A prediction of the owner, on the private model. */
  prediction: string
  /** The name of a deployment of the owner, of the private model. */
  deployment: string
  /** A training of the owner, of the private model into itself. */
  training: string
  /** A batch of the owner, on the private model. */
  batch: string
  marks: { members: string; tokens: string; events: string; prediction: string }
  principals: Record<string, { username: string; cookie: string; token: string }>
  tokens: Record<string, string>
  targets: Record<string, Target>
}

/** Creates the people and objects that pages and routes are tested with, in the data of the server under test. */
export const createTargets = async (): Promise<AuthorizationData> => (await createManyTargets(1))[0]!

/** Creates several independent sets; in the data of another server if its folder is given. */
export async function createManyTargets(count: number, dataDir?: string): Promise<AuthorizationData[]> {
  const folder = dataDir ?? process.env.E2E_DATA_DIR ?? process.env.DATA_DIR!
  const made = await runScript<AuthorizationData[]>("authorization-data", folder, { args: [String(count)] })
  for (const data of made) {
    remember("invitation", data.invitation)
    remember("password link", data.reset)
    for (const token of [...Object.values(data.tokens), ...Object.values(data.principals).map(({ token }) => token)])
      remember("token", token)
    for (const { cookie } of Object.values(data.principals)) remember("cookie", cookie.slice(cookie.indexOf("=") + 1))
  }
  return made
}

/** The folders of app/ that contain such a file, as paths. */
export function foldersWith(file: RegExp, folder = ""): string[] {
  return readdirSync(`app${folder}`, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return foldersWith(file, `${folder}/${entry.name}`)
    return file.test(entry.name) ? [folder || "/"] : []
  })
}

/** A URL of the page in a folder of app/. */
export function addressOf(data: AuthorizationData, pattern: string, target: TargetName): string {
  const { targets, organization, invitation, collection, prediction, training, batch, deployment } = data
  const { owner, name, version, cover } = targets[target]!
  return pattern
    .replace("/compare", `/compare?from=${version}&to=${version}`)
    .replace("/batches/[id]", `/batches/${batch}`)
    .replace("/deployments/[owner]/[name]", `/deployments/${targets.private!.owner}/${deployment}`)
    .replace("/p/[id]", `/p/${prediction}`)
    .replace("/trainings/[id]", `/trainings/${training}`)
    .replace("[id]", version)
    .replace("[file]", cover)
    .replace("[language]", "typescript")
    .replace("/organizations/[name]", `/organizations/${organization}`)
    .replace("/invitations/[secret]", `/invitations/${invitation}`)
    .replace("[slug]", collection)
    .replace("[secret]", "a".repeat(32))
    .replace("[owner]", owner)
    .replace("[name]", name)
}
