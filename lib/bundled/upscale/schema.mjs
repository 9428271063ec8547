export const input = {
  image: {
    type: "string",
    format: "uri",
    description: "The picture to enlarge: PNG, JPEG or WebP",
    "x-cog-accept": "image/*",
  },
  scale: { enum: [2, 4], description: "How many times as wide and as high it becomes", default: 4 },
}

export const output = { type: "string", format: "uri" }
