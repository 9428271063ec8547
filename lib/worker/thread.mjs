// Worker thread: loads the module a task names and calls the function, one task at a time. Node strips the types.
import { pathToFileURL } from "node:url"
import { parentPort } from "node:worker_threads"

parentPort.on("message", async ({ module, name, input }) => {
  try {
    const run = (await import(pathToFileURL(module).href))[name]
    // Loading time does not count against the task.
    const { user, system } = process.threadCpuUsage?.() ?? { user: 0, system: 0 }
    parentPort.postMessage({ began: (user + system) / 1000 })
    parentPort.postMessage({ value: await run(input) })
  } catch (error) {
    parentPort.postMessage({ error })
  }
})
