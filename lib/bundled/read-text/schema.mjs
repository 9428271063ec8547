export const input = {
  image: { type: "string", format: "uri", description: "A picture of printed text in English: PNG, JPEG or WebP" },
}

const pixels = (title) => ({ title, type: "integer" })

export const output = {
  required: ["text", "boxes"],
  type: "object",
  properties: {
    text: { title: "Text", type: "string" },
    boxes: {
      title: "Boxes",
      type: "array",
      items: {
        title: "Box",
        required: ["text", "confidence", "left", "top", "right", "bottom"],
        type: "object",
        properties: {
          text: { title: "Text", type: "string" },
          confidence: { title: "Confidence", type: "number" },
          left: pixels("Left"),
          top: pixels("Top"),
          right: pixels("Right"),
          bottom: pixels("Bottom"),
        },
      },
    },
  },
}
