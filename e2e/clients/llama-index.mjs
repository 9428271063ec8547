// Typical use of LlamaIndex: a custom session, and a model added to its list.
import { ALL_AVAILABLE_REPLICATE_MODELS, ReplicateLLM, ReplicateSession } from "@llamaindex/replicate"

const models = /** @type {any} */ (ALL_AVAILABLE_REPLICATE_MODELS)
models.echo = { contextWindow: 4096, replicateApi: "understudy/echo" }
const llm = new ReplicateLLM({
  model: /** @type {any} */ ("echo"),
  replicateSession: new ReplicateSession(process.env.REPLICATE_API_TOKEN),
})
/** @type {any} */
const messages = [{ role: "user", content: "Say something." }]
const { message } = await llm.chat({ messages })
const said = []
for await (const { delta } of await llm.chat({ messages, stream: true })) said.push(delta)
console.log(JSON.stringify({ message, said }))
