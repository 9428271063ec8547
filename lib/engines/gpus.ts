import { spawnSync } from "node:child_process"

/** The GPU names from `nvidia-smi`, in the order of their indexes; none where it is not installed. */
export function gpusHere(): string[] {
  const { status, stdout } = spawnSync("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader"], {
    encoding: "utf8",
    timeout: 10_000,
  })
  return status === 0 ? stdout.split("\n").filter((line) => line.trim() !== "") : []
}

/** Whether the names of a GPU or hardware are of the same kind: they share the word with a number, such as A100. */
export function isOfKind(one: string, other: string): boolean {
  const kinds = (text: string): string[] => text.toUpperCase().match(/\b[A-Z]+\d+[A-Z]*\b/g) ?? []
  return kinds(other).some((kind) => kinds(one).includes(kind))
}
