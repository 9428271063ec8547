import { execFileSync, spawn } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

import { onPath } from "./images"

/** Debian installs it in /usr/sbin. */
export const nginxPath = onPath("nginx") ?? ["/usr/sbin/nginx"].find(existsSync)

/** nginx with its defaults, which replace the host. */
export const asItComes = (port: number) => `location / { proxy_pass http://127.0.0.1:${port}; }`

/** The nginx block from docs/operating.md, with another port. */
const asDocumented = (port: number) =>
  /```nginx\n([\s\S]*?)```/
    .exec(readFileSync("docs/operating.md", "utf8"))![1]!
    .replace("http://127.0.0.1:3000", `http://127.0.0.1:${port}`)

const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy()
      resolve(true)
    })
    socket.once("error", () => resolve(false))
  })

/**
 * Runs nginx with https and a self-signed certificate in front of a server, by default configured as documented, and
 * returns a function that stops it, once it listens.
 */
export async function startNginx(
  folder: string,
  { port, to, location = asDocumented }: { port: number; to: number; location?: (port: number) => string },
) {
  mkdirSync(folder, { recursive: true })
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")]
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "1",
      "-subj",
      "/CN=localhost",
      "-keyout",
      key,
      "-out",
      certificate,
    ],
    { stdio: "ignore" },
  )
  const kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((what) => `${what}_temp_path ${join(folder, what)};`)
    .join("\n")
  writeFileSync(
    join(folder, "nginx.conf"),
    `
daemon off;
worker_processes 1;
pid ${join(folder, "pid")};
error_log ${join(folder, "error.log")};
events { worker_connections 256; }
http {
  access_log off;
  ${kept}
  server {
    listen 127.0.0.1:${port} ssl http2;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    ${location(to)}
  }
}
`,
  )
  const nginx = spawn(nginxPath!, ["-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log")], {
    stdio: "ignore",
  })
  const gone = new Promise<void>((resolve) => nginx.once("close", () => resolve()))
  const said = () => readFileSync(join(folder, "error.log"), "utf8")
  while (!(await isListening(port))) {
    if (nginx.exitCode !== null) throw new Error(`nginx does not start: ${said()}`)
    await sleep(20)
  }
  return {
    said,
    async stop() {
      nginx.kill("SIGTERM")
      await gone
    },
  }
}
