type Row = { gpus: number; reason: string | null }

export type HardwareGroup<H> = { label: string; rows: H[]; closed: boolean }

/** Hardware rows grouped by size, and unavailable ones by reason. */
export function hardwareGroups<H extends Row>(rows: H[]): HardwareGroup<H>[] {
  const open = rows.filter((row) => row.reason === null)
  const reasons = [...new Set(rows.flatMap((row) => row.reason ?? []))]
  return [
    { label: "CPU", rows: open.filter((row) => row.gpus === 0), closed: false },
    { label: "One GPU", rows: open.filter((row) => row.gpus === 1), closed: false },
    { label: "Several GPUs", rows: open.filter((row) => row.gpus > 1), closed: false },
    ...reasons.map((reason) => ({ label: reason, rows: rows.filter((row) => row.reason === reason), closed: true })),
  ].filter((group) => group.rows.length > 0)
}

/** The most common SKUs, cheapest first. Catalogues of administrators may not have them. */
const common = ["cpu", "gpu-t4", "gpu-l40s", "gpu-a100-large", "gpu-h100"]
const fewest = 3

/**
 * The rows of a picker: common ones, other available ones, and unavailable ones by reason. If the catalogue has fewer
 * than three of the common SKUs, its first five available rows are the common ones.
 */
export function pickerRows<H extends Row & { sku: string }>(
  rows: H[],
): { common: H[]; others: H[]; unavailable: { reason: string; rows: H[] }[] } {
  const open = rows.filter((row) => row.reason === null)
  const known = open.filter(({ sku }) => common.includes(sku))
  const first = known.length >= fewest ? known : open.slice(0, common.length)
  return {
    common: first,
    others: open.filter((row) => !first.includes(row)),
    unavailable: hardwareGroups(rows)
      .filter(({ closed }) => closed)
      .map(({ label, rows }) => ({ reason: label, rows })),
  }
}
