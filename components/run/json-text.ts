import { isTooNested } from "@/lib/indentation"

const { rawJSON } = JSON as unknown as { rawJSON?: (text: string) => unknown }

/**
 * JSON of a value whose whole numbers may be larger than JavaScript's; as texts, where a browser cannot write them.
 * What is nested deeply is not indented.
 */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, exactly)
  return indent === undefined || text === undefined || isTooNested(text) ? text : JSON.stringify(value, exactly, indent)
}

const exactly = (_key: string, one: unknown) =>
  typeof one === "bigint" ? (rawJSON?.(String(one)) ?? String(one)) : one
