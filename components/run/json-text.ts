const { rawJSON } = JSON as unknown as { rawJSON?: (text: string) => unknown }

/** JSON of a value whose whole numbers may be larger than JavaScript's; as texts, where a browser cannot write them. */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(
    value,
    (_key, one: unknown) => (typeof one === "bigint" ? (rawJSON?.(String(one)) ?? String(one)) : one),
    indent,
  )
