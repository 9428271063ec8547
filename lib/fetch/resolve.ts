import { lookup as askSystem, type LookupAddress } from "node:dns"
import { Resolver } from "node:dns/promises"

/** A system lookup occupies one of the four libuv threads, which also read files, until the name server responds. */
const maxSystemQuestions = 2

const asking = new Map<string, Promise<LookupAddress[]>>()
let systemQuestions = 0

/** The addresses of a name, from the system's resolver or, while that is busy, from DNS. */
export function resolveName(name: string): Promise<LookupAddress[]> {
  const known = asking.get(name)
  if (known) return known
  const answer = (systemQuestions < maxSystemQuestions ? fromSystem(name) : fromDns(name)).finally(() =>
    asking.delete(name),
  )
  asking.set(name, answer)
  return answer
}

async function fromSystem(name: string): Promise<LookupAddress[]> {
  systemQuestions++
  try {
    return await new Promise((resolve, reject) =>
      askSystem(name, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
    )
  } finally {
    systemQuestions--
  }
}

async function fromDns(name: string): Promise<LookupAddress[]> {
  const resolver = new Resolver({ timeout: 3000, tries: 2 })
  const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  if (four.status === "rejected" && six.status === "rejected") throw four.reason
  const found = (answer: PromiseSettledResult<string[]>, family: 4 | 6) =>
    answer.status === "fulfilled" ? answer.value.map((address) => ({ address, family })) : []
  return [...found(four, 4), ...found(six, 6)]
}
