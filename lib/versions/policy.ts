/** What stands in the way of deleting a version of this model, a sentence each. */
export const blockersOf = ({
  owner,
  name,
  visibility,
}: {
  owner: string
  name: string
  visibility: "public" | "private"
}): string[] =>
  visibility === "public" ? [`A version of a public model cannot be deleted. Make ${owner}/${name} private first.`] : []
