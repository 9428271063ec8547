import type { Field, Shape } from "@/lib/versions/read-form"

/** The name of the control that chooses the variant of a union. The prefix keeps it apart from those of inputs. */
export const branchOf = (name: string): string => `branch.${name}`

/** The variants of a union, including those of nested unions. */
export const branchesOf = (shape: Shape): Shape[] =>
  (shape.variants ?? []).flatMap((one) => (one.kind === "union" ? branchesOf(one) : [one]))

/** The names of variants: their types, numbered if several have the same. */
export function branchNames(branches: Shape[]): string[] {
  const types = branches.map(({ type }) => type)
  return types.map((type, at) => {
    const before = types.slice(0, at).filter((one) => one === type).length
    return before > 0 ? `${type} (${before + 1})` : type
  })
}

/** The chosen variant; undefined if none was chosen, as without scripts. */
export function chosenBranch(field: Field, chosen: string | undefined): Shape | undefined {
  return field.kind === "union" && chosen !== undefined && /^\d{1,6}$/.test(chosen)
    ? branchesOf(field)[Number(chosen)]
    : undefined
}
