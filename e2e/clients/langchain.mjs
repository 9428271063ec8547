// Typical use of LangChain: it finds the prompt input in the version's schema, runs, and streams.
import { Replicate } from "@langchain/community/llms/replicate"

const model = new Replicate({ model: /** @type {any} */ (`understudy/echo:${process.env.VERSION}`) })
const answer = await model.invoke("one two three")
const chunks = []
for await (const chunk of await model.stream("a b c")) chunks.push(chunk)
console.log(JSON.stringify({ answer, chunks }))
