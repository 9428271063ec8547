type Deletable = {
  owner: string
  name: string
  visibility: "public" | "private"
  /** Whether another account has run it. */
  ran_by_others: boolean
}

/** What prevents the deletion of a version of this model, each as a sentence. */
export function blockersOf({ owner, name, visibility, ran_by_others }: Deletable): string[] {
  if (visibility === "public")
    return [`A version of a public model cannot be deleted. Make ${owner}/${name} private first.`]
  return ran_by_others ? ["Another account has run this version, so it cannot be deleted."] : []
}
