import { isTooNested } from "@/lib/indentation"

const { rawJSON } = JSON as unknown as { rawJSON?: (text: string) => unknown }

/**
 * Serializes a value that may contain bigints. Browsers without JSON.rawJSON write those as strings. Deeply nested
 * values are not indented.
 */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, exactly)
  return indent === undefined || text === undefined || isTooNested(text) ? text : JSON.stringify(value, exactly, indent)
}

const exactly = (_key: string, one: unknown) =>
  typeof one === "bigint" ? (rawJSON?.(String(one)) ?? String(one)) : one
