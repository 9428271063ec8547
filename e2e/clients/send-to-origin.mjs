// A preload for clients with a fixed address: sends their requests to ORIGIN instead of Replicate, otherwise unchanged.
const real = globalThis.fetch
const { ORIGIN } = process.env

globalThis.fetch = (input, init) => {
  const address = input instanceof Request ? input.url : String(input)
  const ours = address.replace("https://api.replicate.com", ORIGIN ?? "")
  return real(input instanceof Request ? new Request(ours, input) : ours, init)
}
