// A thread of torture/watch-health.ts: requests /healthz, and reports the response time, the CPU time of the server's
// main thread meanwhile, and whether the machine had more to do than it has processors.
import { readFileSync } from "node:fs"
import { Agent, get } from "node:http"
import { availableParallelism, loadavg } from "node:os"
import { parentPort, workerData } from "node:worker_threads"

const { url, pid } = workerData
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

/** The first number is the thread's run time in nanoseconds. */
function mainThreadMs() {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6
  } catch {
    return 0
  }
}

const ask = () =>
  new Promise((resolve) => {
    const [began, before] = [performance.now(), mainThreadMs()]
    const done = (ok) =>
      resolve({
        ms: performance.now() - began,
        turnMs: mainThreadMs() - before,
        busy: loadavg()[0] > availableParallelism() + 0.5,
        ok,
      })
    get(`${url}/healthz`, { agent, timeout: 60_000 }, (response) => {
      response.resume()
      response.once("end", () => done(response.statusCode === 200))
    })
      .once("timeout", () => done(false))
      .once("error", () => done(false))
  })

for (;;) {
  parentPort.postMessage(await ask())
  await new Promise((resume) => setTimeout(resume, 100))
}
