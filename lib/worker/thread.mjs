// Runs in a worker thread: loads the module a task names and calls the function, one task at a time. Node removes the types by itself.
import { pathToFileURL } from "node:url"
import { parentPort } from "node:worker_threads"

parentPort.on("message", async ({ module, name, input }) => {
  try {
    const run = (await import(pathToFileURL(module).href))[name]
    // The time that loading took is not the task's.
    const { user, system } = process.threadCpuUsage?.() ?? { user: 0, system: 0 }
    parentPort.postMessage({ began: (user + system) / 1000 })
    parentPort.postMessage({ value: await run(input) })
  } catch (error) {
    parentPort.postMessage({ error })
  }
})
