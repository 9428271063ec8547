/** Names of files over 200 bytes, each with what is special about it. */
export const longNames = [
  ["long", `${"a".repeat(5_000)}.png`],
  ["multibyte", `${"größe 💥 漢字".repeat(100)}.png`],
  ["of emoji alone", "💥".repeat(1_000)],
  ["of many dots", `${"a.b.".repeat(500)}png`],
  ["of dots alone", ".".repeat(1_000)],
  ["with a long ending", `a.${"b".repeat(1_000)}`],
  ["with a multibyte ending", `${"a".repeat(300)}.${"漢".repeat(15)}`],
] as const
