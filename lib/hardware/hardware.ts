import { invalid } from "@/lib/problem"
import { findHardwareRow, listHardwareRows, type Hardware } from "./store"

export type { Hardware }

/** The whole catalogue in its own order, rows that cannot be picked included. */
export const listHardware = (): Promise<Hardware[]> => listHardwareRows()

/** What a model may be created on. */
export const listModelHardware = async (): Promise<Hardware[]> => (await listHardware()).filter(isAvailableForModels)

export const isAvailableForModels = (row: Pick<Hardware, "selectable_for">): boolean =>
  row.selectable_for.includes("model")

/** Why a model cannot be created on a row, as a sentence; null when it can. */
export const unavailableReason = (row: Pick<Hardware, "selectable_for" | "reason">): string | null =>
  isAvailableForModels(row) ? null : (row.reason ?? "Closed by the administrator.")

/**
 * The row that `sku` or one of its old spellings names. Throws `invalid` on `field` when it is unknown or closed;
 * the text lists what can be had after "Your options are:", which clients read to choose another.
 */
export async function requireModelHardware(sku: string, field = "hardware"): Promise<Hardware> {
  const named = await findHardwareRow(sku)
  if (named && isAvailableForModels(named)) return named
  const rows = await listHardware()
  const row = rows.find((row) => row.sku === sku || row.aliases.includes(sku))
  if (row && isAvailableForModels(row)) return row

  const options = rows
    .filter(isAvailableForModels)
    .map((row) => row.sku)
    .sort()
    .join(", ")
  const complaint = row ? `${sku} cannot be picked. ${unavailableReason(row)}` : `${sku} is not a valid hardware SKU.`
  throw invalid({ [field]: `${complaint} Your options are: ${options}.` })
}
