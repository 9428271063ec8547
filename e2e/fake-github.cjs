// Loaded into a server under test: sends its requests for GitHub to FAKE_GITHUB.
const http = require("node:http")
const https = require("node:https")

const ask = https.request
https.request = (address, options, answered) => {
  const { hostname, pathname, search } = new URL(address)
  if (hostname !== "github.com" && hostname !== "api.github.com") return ask(address, options, answered)
  return http.request(
    new URL(`${pathname}${search}`, process.env.FAKE_GITHUB),
    { ...options, agent: undefined },
    answered,
  )
}
