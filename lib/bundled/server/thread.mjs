// Runs long blocking work in a thread, so that the model server stays responsive and can cancel it.
import { Worker } from "node:worker_threads"

/**
 * Starts the program's own file as a thread and waits for its first message, which means that it is ready.
 * @param {unknown} [workerData] @returns {Promise<Worker>}
 */
export async function startThread(workerData) {
  const worker = new Worker(import.meta.filename, { workerData })
  await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject))
  return worker
}

/**
 * Sends a request to a thread and returns the `result` of its response. Other messages go to `hear`. Cancelling
 * terminates the thread.
 * @param {Worker} worker @param {unknown} question
 * @param {{ signal: AbortSignal, hear(message: any): void, transfer?: any[] }} options
 */
export async function askThread(worker, question, { signal, hear, transfer = [] }) {
  let answered
  let cancel
  try {
    return await new Promise((resolve, reject) => {
      if (signal.aborted) return void worker.terminate().then(() => reject(signal.reason))
      answered = (message) => ("result" in message ? resolve(message.result) : hear(message))
      cancel = () => {
        void worker.terminate()
        reject(signal.reason)
      }
      worker.on("message", answered).once("error", reject)
      signal.addEventListener("abort", cancel)
      worker.postMessage(question, transfer)
    })
  } finally {
    worker.off("message", answered).removeAllListeners("error")
    signal.removeEventListener("abort", cancel)
  }
}
