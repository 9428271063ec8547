// Connects a model to its runner: runs in the model's network namespace, and forwards bytes between unix sockets and
// ports there. Runs without other files of the product:
// node relay-program.mjs MODEL_SOCKET MODEL_PORT CALLBACK_SOCKET CALLBACK_PORT [PID]
// It exits when the process PID has ended.
import { connect, createServer } from "node:net"

const [modelSocket, modelPort, callbackSocket, callbackPort, pid] = process.argv.slice(2)

/** @param {(socket: import("node:net").Socket) => import("node:net").Socket} onward */
function carry(onward) {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = onward(near)
    near.on("error", () => far.destroy()).on("close", () => far.destroy())
    far.on("error", () => near.destroy()).on("close", () => near.destroy())
    near.pipe(far).pipe(near)
  })
  server.maxConnections = 512
  return server.on("error", ({ message }) => {
    console.error(message)
    process.exit(1)
  })
}

process.on("SIGTERM", () => process.exit(0))
carry(() => connect({ port: Number(modelPort), host: "127.0.0.1", allowHalfOpen: true, noDelay: true })).listen(
  modelSocket,
)
carry(() => connect({ path: callbackSocket, allowHalfOpen: true })).listen(Number(callbackPort), "127.0.0.1")

if (pid)
  setInterval(() => {
    try {
      process.kill(Number(pid), 0)
    } catch (error) {
      if (/** @type {any} */ (error).code === "ESRCH") process.exit(0)
    }
  }, 5_000)
