type Row = { gpus: number; reason: string | null }

export type HardwareGroup<H> = { label: string; rows: H[]; closed: boolean }

/** Rows of a hardware table under the headings people look for: by size, and what cannot be picked under its reason. */
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
