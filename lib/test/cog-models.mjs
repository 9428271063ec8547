// The models of cog-captures/: served by our own model server, they must respond as they did with Cog. COG_CAPTURE
// names the one to serve.
import { setTimeout as sleep } from "node:timers/promises"
import { ModelError } from "../bundled/server/error.mjs"
import { serve } from "../bundled/server/server.mjs"

const text = { type: "string" }
const uri = { type: "string", format: "uri" }
const optional = true
const fail = (message) => {
  throw new ModelError(message)
}

export const models = {
  hello: {
    input: { text: { ...text, description: "Text to prefix with 'hello '" } },
    output: text,
    setup: ({ log }) => log("loading weights"),
    predict({ text }, { log }) {
      log(`got ${text}`)
      return `hello ${text}`
    },
  },
  sink: {
    input: {
      prompt: { ...text, description: "Prompt for the model" },
      negative_prompt: { ...text, description: "What to avoid", default: "" },
      bounded_text: {
        ...text,
        description: "Between 2 and 8 chars, letters",
        default: "abc",
        minLength: 2,
        maxLength: 8,
        pattern: "^[a-z]+$",
      },
      width: { type: "integer", description: "Width in pixels", default: 512, minimum: 64, maximum: 1024 },
      guidance: { type: "number", description: "Guidance scale", default: 7.5, minimum: 1, maximum: 20 },
      upscale: { type: "boolean", description: "Upscale the result", default: false },
      scheduler: { enum: ["DDIM", "K_EULER", "PNDM"], description: "Scheduler", default: "DDIM" },
      steps: { enum: [10, 25, 50], description: "Steps", default: 25 },
      seed: { type: "integer", description: "Seed, leave blank to randomize", optional },
      style: { ...text, description: "Optional style", nullable: true },
      image: { ...uri, description: "Optional input image", optional },
      mask: { ...uri, description: "Optional mask", nullable: true },
      attachment: { ...uri, description: "Optional raw file", optional },
      api_key: { ...text, description: "Secret API key", format: "password", "x-cog-secret": true, optional },
      tags: { type: "array", items: text, description: "Tags", default: [] },
      images: { type: "array", items: uri, description: "Several images", default: [] },
    },
    output: text,
    predict(
      { prompt, width, guidance, upscale, scheduler, steps, seed, style, image, tags, images, api_key },
      { log },
    ) {
      log(`api_key ${api_key === null ? "None" : "**********"}`)
      const python = (value) => ({ true: "True", false: "False", null: "None" })[value] ?? value
      const decimal = Number.isInteger(guidance) ? guidance.toFixed(1) : guidance
      const list = `[${tags.map((tag) => `'${tag}'`).join(", ")}]`
      const facts = [upscale, scheduler, steps, seed, style, image !== null].map(python)
      return [prompt, width, decimal, ...facts, list, images.length].join("|")
    },
  },
  iter_concat: {
    input: { prompt: { ...text, description: "Prompt" } },
    output: { type: "array", items: text, "x-cog-array-type": "iterator", "x-cog-array-display": "concatenate" },
    async *predict() {
      for (const word of ["Onions", " bloom", " at", " dawn"]) {
        await sleep(60)
        yield word
      }
    },
  },
  fail: {
    input: { message: { ...text, default: "something went wrong" } },
    output: text,
    predict({ message }, { log }) {
      log("about to fail")
      fail(message)
    },
  },
  setupfail: {
    input: {},
    output: text,
    setup({ log }) {
      log("loading weights")
      throw new Error("no weights found")
    },
    predict: () => "",
  },
  obj: {
    input: { text },
    output: {
      required: ["text", "score", "tags"],
      type: "object",
      properties: {
        text: { title: "Text", type: "string" },
        score: { title: "Score", type: "number" },
        tags: { title: "Tags", type: "array", items: text },
        file: { title: "File", ...uri },
      },
    },
    predict: ({ text }) => ({
      text: text.toUpperCase(),
      score: 0.5,
      tags: ["a", "b"],
      file: new File([text], "note.txt", { type: "text/plain" }),
    }),
  },
  slow: {
    input: { seconds: { type: "number", default: 5 } },
    output: text,
    async predict({ seconds }, { log, signal }) {
      for (let tenth = 0; tenth < 10; tenth++) {
        log(`${tenth * 10}%|###| ${tenth}/10`)
        await sleep(seconds * 100, undefined, { signal })
      }
      return "done"
    },
  },
  train: {
    input: { prompt: { ...text, description: "Prompt" } },
    output: text,
    async setup({ weights, log }) {
      this.weights = weights ? await weights.text() : "base"
      log(`weights: ${this.weights}`)
    },
    predict({ prompt }) {
      return `${prompt} with ${models.train.weights}`
    },
    train: {
      input: {
        train_data: { ...uri, description: "HTTPS URL of a file containing training data" },
        epochs: { type: "integer", description: "Epochs", default: 2, minimum: 1, maximum: 10 },
        learning_rate: { type: "number", description: "Learning rate", default: 0.0001, minimum: 0 },
      },
      output: {
        required: ["weights"],
        type: "object",
        properties: { weights: { title: "Weights", ...uri } },
      },
      async run({ train_data, epochs, learning_rate }, { log }) {
        const text = await train_data.text()
        for (let epoch = 1; epoch <= epochs; epoch++) log(`epoch ${epoch}/${epochs} loss=${(1 / epoch).toFixed(3)}`)
        const said = `${text.length} bytes, ${epochs} epochs, lr ${learning_rate}`
        return { weights: new File([said], "weights.txt", { type: "text/plain" }) }
      },
    },
  },
}

if (process.argv[1] === import.meta.filename) serve(models[process.env.COG_CAPTURE])
