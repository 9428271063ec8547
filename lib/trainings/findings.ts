/** The findings for the content of a file. */
export type Found = {
  /** As sentences, most important first. */
  facts: string[]
  /** Why it cannot be used for training. */
  problem: string | null
}

export type Chunks = AsyncIterable<Buffer>

export const counted = (count: number, one: string) =>
  `${count.toLocaleString("en-US")} ${one}${count === 1 ? "" : "s"}`

export const inBytes = (bytes: number) =>
  bytes < 1e3
    ? counted(bytes, "byte")
    : bytes < 1e6
      ? `${(bytes / 1e3).toFixed(1)} kB`
      : `${(bytes / 1e6).toFixed(1)} MB`
