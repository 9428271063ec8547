/** Rows of a hardware table under the headings people look for. */
export function hardwareGroups<H extends { gpus: number }>(rows: H[]): { label: string; rows: H[] }[] {
  return [
    { label: "CPU", rows: rows.filter((row) => row.gpus === 0) },
    { label: "One GPU", rows: rows.filter((row) => row.gpus === 1) },
    { label: "Several GPUs", rows: rows.filter((row) => row.gpus > 1) },
  ].filter((group) => group.rows.length > 0)
}
