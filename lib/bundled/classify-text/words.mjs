// Tokenizes a text: lower-case words and punctuation; words after a "not" are marked as negated.

const word = /[\p{L}\p{N}][\p{L}\p{N}_'-]*|\p{Extended_Pictographic}|[:;=]-?[()DP]|[!?.]/gu
const negation = /^(not|never|no|without|cannot|hardly|nothing)$/
/** How many words a negation affects. */
const reach = 4

/** @param {string} text */
export function wordsOf(text) {
  const words = text.normalize("NFKC").toLowerCase().replaceAll("’", "'").replace(/n't\b/g, " not").match(word) ?? []
  let negated = 0
  const seen = words.map((word) => {
    if (negation.test(word)) {
      negated = reach
      return word
    }
    if (/^([.!?]|but)$/.test(word)) negated = 0
    return negated-- > 0 ? `not_${word}` : word
  })
  return seen.filter((word) => word !== ".").join(" ")
}
