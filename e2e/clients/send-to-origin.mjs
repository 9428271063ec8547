// A preload for clients whose address is fixed: what they send to Replicate goes to ORIGIN instead, and nothing else changes.
const real = globalThis.fetch
const { ORIGIN } = process.env

globalThis.fetch = (input, init) => {
  const address = input instanceof Request ? input.url : String(input)
  const ours = address.replace("https://api.replicate.com", ORIGIN ?? "")
  return real(input instanceof Request ? new Request(ours, input) : ours, init)
}
