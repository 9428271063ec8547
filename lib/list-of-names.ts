/** Names for a sentence, with the number of those beyond `most`: "a, b and 3 more". */
export const listOfNames = (names: string[], most = 10): string =>
  names.slice(0, most).join(", ") +
  (names.length > most ? ` and ${(names.length - most).toLocaleString("en-US")} more` : "")
