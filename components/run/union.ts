import type { Field, Shape } from "@/lib/versions/read-form"

/** The control that says which form of a union its value has; no input's control is called like that. */
export const branchOf = (name: string): string => `branch.${name}`

/** The forms a value of a union may have, those of unions within it included. */
export const branchesOf = (shape: Shape): Shape[] =>
  (shape.variants ?? []).flatMap((one) => (one.kind === "union" ? branchesOf(one) : [one]))

/** What to call them: by their types, and numbered where several have the same. */
export function branchNames(branches: Shape[]): string[] {
  const types = branches.map(({ type }) => type)
  return types.map((type, at) => {
    const before = types.slice(0, at).filter((one) => one === type).length
    return before > 0 ? `${type} (${before + 1})` : type
  })
}

/** The form that was chosen; undefined where none was, as without scripts. */
export function chosenBranch(field: Field, chosen: string | undefined): Shape | undefined {
  return field.kind === "union" && chosen !== undefined && /^\d{1,6}$/.test(chosen)
    ? branchesOf(field)[Number(chosen)]
    : undefined
}
