import { expect } from "./fixtures"

/**
 * Fails unless two requests get the same response. A page is streamed in chunks as they become ready, so the order of
 * its scripts may vary between requests: of several responses, the two must have one in common byte for byte, and the
 * same text in all of them.
 */
export async function expectIndistinguishable(
  what: string,
  first: () => Promise<string>,
  second: () => Promise<string>,
  most = 20,
) {
  const [some, others] = [new Set<string>(), new Set<string>()]
  const shared = () => [...some].some((one) => others.has(one))
  for (let n = 0; n < most && !shared(); n++) {
    some.add(await first())
    others.add(await second())
  }
  const documents = [...some, ...others].filter((answer) => answer.includes("<html"))
  expect(new Set(documents.map(wordsOf)).size, `${what}: read alike`).toBeLessThan(2)
  expect(
    shared(),
    `${what}: ${some.size} and ${others.size} different answers, and none in common:\n${firstDifference(some, others)}`,
  ).toBe(true)
}

/** The text of a page. */
const wordsOf = (html: string) =>
  html
    .replace(/<script[\s\S]*?<\/script>/g, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim()

function firstDifference([one = ""]: Iterable<string>, [other = ""]: Iterable<string>): string {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return [one, other].map((text) => text.slice(Math.max(0, at - 60), at + 120)).join("\n")
}
