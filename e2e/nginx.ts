import { execFileSync, spawn } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

import { onPath } from "./images"

/** Debian keeps it among the programs of the system. */
export const nginxPath = onPath("nginx") ?? ["/usr/sbin/nginx"].find(existsSync)

/** What nginx does when nobody tells it more: it passes on a host of its own. */
export const asItComes = (port: number) => `location / { proxy_pass http://127.0.0.1:${port}; }`

/** The block for nginx that docs/operating.md gives, sent on to another port. */
const asDocumented = (port: number) =>
  /```nginx\n([\s\S]*?)```/
    .exec(readFileSync("docs/operating.md", "utf8"))![1]!
    .replace("http://127.0.0.1:3000", `http://127.0.0.1:${port}`)

/** Runs nginx with https and a certificate of its own in front of a server, as the documentation says unless told otherwise, and answers how to stop it. */
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
  return {
    said: () => readFileSync(join(folder, "error.log"), "utf8"),
    async stop() {
      nginx.kill("SIGTERM")
      await gone
    },
  }
}
