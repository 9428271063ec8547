import type { Shape } from "@/lib/versions/read-form"

/** A number with its last digit changed by one, within its bounds. Null if the text is not a plain decimal number. */
export function steppedNumber(text: string, { kind, min, max }: Pick<Shape, "kind" | "min" | "max">, up: boolean) {
  const trimmed = text.trim()
  if (trimmed === "") return min ?? "0"
  const [, sign, whole, part = ""] = /^(-?)(\d{1,100})(?:\.(\d{0,20}))?$/.exec(trimmed) ?? []
  if (whole === undefined) return null
  const digits = kind === "integer" ? "" : part
  const scaled = BigInt(`${sign}${whole}${digits}`) + (up ? 1n : -1n)
  const next = written(scaled, digits.length)
  if (max !== undefined && up && Number(next) > Number(max)) return Number(trimmed) > Number(max) ? trimmed : max
  if (min !== undefined && !up && Number(next) < Number(min)) return Number(trimmed) < Number(min) ? trimmed : min
  return next
}

function written(scaled: bigint, digits: number): string {
  const text = String(scaled < 0n ? -scaled : scaled).padStart(digits + 1, "0")
  const number = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
  return scaled < 0n ? `-${number}` : number
}
