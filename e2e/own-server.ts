import { spawn, type ChildProcess } from "node:child_process"
import { readFileSync } from "node:fs"
import { createServer, type AddressInfo } from "node:net"

/**
 * A separate production server for one test, for things that cannot be done to the shared one. With `scripts/start.mjs`
 * it is the one of `npm start`.
 */
export async function ownServer(
  dataDir: string,
  env: Record<string, string> = {},
  port?: number,
  script: "server.mjs" | "scripts/start.mjs" = "server.mjs",
) {
  const at = port ?? (await freePort())
  const child: ChildProcess = spawn(process.execPath, [script], {
    env: {
      ...process.env,
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      HOST: "127.0.0.1",
      PORT: String(at),
      DATA_DIR: dataDir,
      DATABASE_URL: "",
      SIGNUP: "open",
      RUN_BUNDLED: "off",
      LOG_LEVEL: "warn",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding("utf8").on("data", (text) => (said += text))
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on("data", () => said.includes("is ready at") && resolve())
    child.once("close", () => reject(new Error(`The server ended: ${said}`)))
  })
  return {
    pid: child.pid!,
    port: at,
    host: `127.0.0.1:${at}`,
    origin: `http://127.0.0.1:${at}`,
    said: () => said,
    /** Its peak memory in bytes. */
    peak: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))![1]) * 1024,
    async stop(signal: NodeJS.Signals = "SIGTERM") {
      child.kill(signal)
      await gone
    },
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
