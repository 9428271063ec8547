export const input = {
  text: { type: "string", description: "The text to classify", minLength: 1, maxLength: 100_000 },
}

export const output = {
  required: ["label", "scores"],
  type: "object",
  properties: {
    label: { title: "Label", type: "string" },
    scores: { title: "Scores", type: "object", additionalProperties: { type: "number" } },
  },
}

export const train = {
  input: {
    examples: {
      type: "string",
      format: "uri",
      description: "A CSV file whose first line is text,label: a text and its label on each line",
      "x-cog-accept": "text/csv",
    },
    epochs: {
      type: "integer",
      description: "Number of passes over all examples",
      default: 50,
      minimum: 1,
      maximum: 1000,
    },
  },
  output: {
    required: ["weights"],
    type: "object",
    properties: { weights: { title: "Weights", type: "string", format: "uri" } },
  },
}
