import { invalid } from "@/lib/problem"
import { findHardwareRow, listHardwareRows, type Hardware } from "./store"

export type { Hardware }

/** The whole catalogue in its order, including unavailable rows. */
export const listHardware = (): Promise<Hardware[]> => listHardwareRows()

/** The hardware that models can be created on. */
export const listModelHardware = async (): Promise<Hardware[]> => (await listHardware()).filter(isAvailableForModels)

export const isAvailableForModels = (row: Pick<Hardware, "selectable_for">): boolean =>
  row.selectable_for.includes("model")

/** The hardware that deployments can run on. */
export const listDeploymentHardware = async (): Promise<Hardware[]> =>
  (await listHardware()).filter(({ selectable_for }) => selectable_for.includes("deployment"))

/** Why a row is not available for models, as a sentence; null if it is. */
export const unavailableReason = (row: Pick<Hardware, "selectable_for" | "reason">): string | null =>
  isAvailableForModels(row) ? null : (row.reason ?? "Disabled by the administrator.")

/**
 * The row of a SKU or an alias that models can run on. Throws `invalid` on `field` if it is unknown or unavailable; the
 * text lists the available ones after "Your options are:", which clients parse.
 */
export const requireModelHardware = (sku: string, field = "hardware"): Promise<Hardware> =>
  requireHardwareFor("model", sku, field)

/**
 * The row of a SKU or an alias that deployments can run on. Throws `invalid` on `hardware` if it is unknown or
 * unavailable.
 */
export const requireDeploymentHardware = (sku: string): Promise<Hardware> =>
  requireHardwareFor("deployment", sku, "hardware")

async function requireHardwareFor(use: "model" | "deployment", sku: string, field: string): Promise<Hardware> {
  const isAvailable = (row: Hardware) => row.selectable_for.includes(use)
  const named = await findHardwareRow(sku)
  if (named && isAvailable(named)) return named
  const rows = await listHardware()
  const row = rows.find((row) => row.sku === sku || row.aliases.includes(sku))
  if (row && isAvailable(row)) return row

  const options = rows
    .filter(isAvailable)
    .map((row) => row.sku)
    .sort()
    .join(", ")
  const complaint = row
    ? `${sku} is not available. ${row.reason ?? "Disabled by the administrator."}`
    : `${sku} is not a valid hardware SKU.`
  throw invalid({ [field]: `${complaint} Your options are: ${options}.` })
}
