// Typical use of the AI SDK: a model by name and by version, an image, and a rejected input.
import { createReplicate } from "@ai-sdk/replicate"
import { generateImage } from "ai"

const { REPLICATE_API_TOKEN: apiToken, ORIGIN = "", VERSION } = process.env
const replicate = createReplicate({ apiToken, baseURL: `${ORIGIN}/v1` })

// The SDK takes echo's output for the URL of an image.
const generate = (/** @type {string} */ model, /** @type {Record<string, string | number>} */ input) =>
  generateImage({
    model: replicate.image(model),
    prompt: "an icon",
    maxRetries: 0,
    providerOptions: { replicate: { text: `${ORIGIN}/apple-icon.png`, ...input } },
  })

const byName = await generate("understudy/echo", {})
const byVersion = await generate(`understudy/echo:${VERSION}`, {})
const polled = await generate("understudy/echo", { delay: 2, maxWaitTimeInSeconds: 1 })
const refused = await generate("understudy/echo", { repeat: 100_000 }).catch(
  (/** @type {Error} */ error) => error.message,
)
console.log(
  JSON.stringify({
    pictures: [byName, byVersion, polled].map(({ image }) => [image.mediaType, image.uint8Array.length]),
    refused,
  }),
)
