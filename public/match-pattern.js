// A worker: patterns come from the authors of models, and one that takes too long is ended with its worker (components/run/match-pattern.ts).
onmessage = ({ data: { pattern, value } }) => {
  let matches = true
  try {
    matches = new RegExp(pattern).test(value)
  } catch {
    // What is not a pattern in JavaScript is left to the server.
  }
  postMessage(matches)
}
postMessage("ready")
