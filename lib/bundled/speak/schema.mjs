export const input = {
  text: { type: "string", description: "What to say, in English", minLength: 1, maxLength: 20_000 },
  voice: {
    enum: ["slt", "rms", "awb", "kal"],
    description: "slt is a woman from the USA, rms a man from there, awb a man from Scotland, kal a robot",
    default: "slt",
  },
}

export const output = { type: "string", format: "uri" }
