export const input = {
  image: { type: "string", format: "uri", description: "A picture: PNG, JPEG or WebP", "x-cog-accept": "image/*" },
}

export const output = {
  required: ["label", "scores"],
  type: "object",
  properties: {
    label: { title: "Label", type: "string" },
    scores: {
      title: "Scores",
      type: "object",
      properties: Object.fromEntries(
        ["drawing", "hentai", "neutral", "porn", "sexy"].map((name) => [
          name,
          { title: name[0].toUpperCase() + name.slice(1), type: "number" },
        ]),
      ),
    },
  },
}
