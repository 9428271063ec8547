import { listOfNames } from "@/lib/list-of-names"

type Deletable = {
  owner: string
  name: string
  visibility: "public" | "private"
  /** Whether another account has run it. */
  ran_by_others: boolean
  /** The deployments that run it. */
  deployments: string[]
}

/** The reasons why a version of this model cannot be deleted, one sentence each. */
export function blockersOf({ owner, name, visibility, ran_by_others, deployments }: Deletable): string[] {
  if (visibility === "public")
    return [`A version of a public model cannot be deleted. Make ${owner}/${name} private first.`]
  return [
    ...(deployments.length > 0 ? [deployedIn(deployments)] : []),
    ...(ran_by_others ? ["Another account has run this version, so it cannot be deleted."] : []),
  ]
}

const deployedIn = (names: string[]) =>
  names.length === 1
    ? `The deployment ${names[0]} runs this version. Give it another one, or delete it first.`
    : `The deployments ${listOfNames(names)} run this version. Give them another one, or delete them first.`
