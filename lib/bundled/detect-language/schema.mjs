export const input = {
  text: { type: "string", description: "A text in any of 176 languages", minLength: 1, maxLength: 100_000 },
}

export const output = {
  required: ["language", "probability"],
  type: "object",
  properties: {
    language: { title: "Language", type: "string" },
    probability: { title: "Probability", type: "number" },
  },
}
