// Runs long blocking work in a thread, so that the model server stays responsive and can cancel it.
import { Worker } from "node:worker_threads"

/**
 * Starts the program's own file again as a thread, which tells by its first message that it is ready.
 * @param {unknown} [workerData] @returns {Promise<Worker>}
 */
export async function startThread(workerData) {
  const worker = new Worker(import.meta.filename, { workerData })
  await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject))
  return worker
}

/**
 * Asks a thread for something and answers what it sends as `result`; what it sends besides goes to `hear`. The thread
 * is gone when it is cancelled.
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
