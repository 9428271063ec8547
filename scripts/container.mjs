// Builds the image with buildah and runs it with runc, without an engine. Needs root on Debian; image.mjs says what it
// is for.
import { execFile, spawn } from "node:child_process"
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { parse } from "yaml"

const execute = promisify(execFile)
/** A command's stdout; throws with its stderr. */
const output = async (program, ...args) => (await execute(program, args, { maxBuffer: 64e6 })).stdout

/** @param {string} folder buildah's storage */
export const buildahIn =
  (folder) =>
  (...args) =>
    output(
      "buildah",
      "--root",
      join(folder, "storage"),
      "--runroot",
      join(folder, "run"),
      "--storage-driver",
      "vfs",
      ...args,
    )

/** Stands in for Docker's Node image, which would have to be downloaded: the same Debian, Node, npm and entry point. */
export async function makeBaseImage(folder, { buildah, tag, debian }) {
  const base = join(folder, "base")
  const at = (path) => join(base, path)
  await output("debootstrap", "--variant=minbase", debian, base)
  for (const path of ["usr/share/doc", "usr/share/man", "usr/share/locale", "var/cache/apt", "var/lib/apt/lists"])
    for (const name of readdirSync(at(path))) rmSync(at(join(path, name)), { recursive: true })
  writeFileSync(
    at("etc/apt/apt.conf.d/docker-clean"),
    'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\n',
  )

  cpSync(process.execPath, at("usr/local/bin/node"))
  const npm = dirname(dirname(realpathSync((await output("sh", "-c", "command -v npm")).trim())))
  cpSync(npm, at("usr/local/lib/node_modules/npm"), { recursive: true })
  for (const name of ["npm", "npx"])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, at(`usr/local/bin/${name}`))
  // Behind a TLS-inspecting proxy, its certificate is among those of this machine.
  mkdirSync(at("usr/local/etc"), { recursive: true })
  mkdirSync(at("etc/ssl/certs"), { recursive: true })
  cpSync("/etc/ssl/certs/ca-certificates.crt", at("etc/ssl/certs/ca-certificates.crt"))
  writeFileSync(at("usr/local/etc/npmrc"), "cafile=/etc/ssl/certs/ca-certificates.crt\n")
  writeFileSync(
    at("usr/local/bin/docker-entrypoint.sh"),
    '#!/bin/sh\nset -e\nif [ "${1#-}" != "$1" ] || [ -z "$(command -v "$1")" ]; then set -- node "$@"; fi\nexec "$@"\n',
  )
  chmodSync(at("usr/local/bin/docker-entrypoint.sh"), 0o755)

  const container = (await buildah("from", "scratch")).trim()
  await buildah("add", "-q", container, base, "/")
  const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  await buildah("config", "--env", path, "--entrypoint", '["docker-entrypoint.sh"]', "--cmd", '["node"]', container)
  await buildah("commit", "-q", "--rm", container, tag)
  rmSync(base, { recursive: true })
}

/** The image's own settings, its size in megabytes, and its files. */
export async function openImage(tag, { buildah }) {
  const config = JSON.parse(await buildah("inspect", "--type", "image", tag)).Docker.config
  const [{ size }] = JSON.parse(await buildah("images", "--json", tag))
  const container = (await buildah("from", "--pull-never", tag)).trim()
  return { config, size, root: (await buildah("mount", container)).trim() }
}

/**
 * Runs the image with the settings of compose.yaml, on an isolated network: it can be reached only from inside, and
 * reaches nothing else.
 * @param {string} folder @param {{ config: any, root: string }} image @param {{ volume: string, command?: string[] }}
 *   options
 */
export async function startContainer(folder, { config, root }, { volume, command }) {
  const service = parse(readFileSync("compose.yaml", "utf8")).services.understudy
  const [uid, gid] = service.user.split(":").map(Number)
  const dropped = service.cap_drop.includes("ALL")
  // Like a new volume mounted by an engine: with the owner and mode of the image's folder.
  mkdirSync(volume, { recursive: true })
  chownSync(volume, uid, gid)
  chmodSync(volume, 0o700)

  const bundle = join(folder, "bundle")
  mkdirSync(bundle, { recursive: true })
  const bind = (source, destination, mode) => ({ destination, source, type: "bind", options: ["bind", mode] })
  const temporary = (entry) => ({
    destination: entry.split(":")[0],
    source: "tmpfs",
    type: "tmpfs",
    options: ["nosuid", "nodev", ...entry.split(":")[1].split(",")],
  })
  const capabilities = dropped ? [] : ["CAP_NET_BIND_SERVICE"]
  writeFileSync(
    join(bundle, "config.json"),
    JSON.stringify({
      ociVersion: "1.0.0",
      process: {
        user: { uid, gid },
        args: [
          ...(service.init ? ["/sbin/docker-init", "--"] : []),
          ...(command ?? [...(config.Entrypoint ?? []), ...config.Cmd]),
        ],
        env: [
          ...config.Env,
          ...Object.entries(service.environment).map(([name, value]) => `${name}=${value}`),
          "LOG_LEVEL=info",
        ],
        cwd: config.WorkingDir,
        capabilities: Object.fromEntries(
          ["bounding", "effective", "inheritable", "permitted", "ambient"].map((set) => [set, capabilities]),
        ),
        noNewPrivileges: service.security_opt.includes("no-new-privileges:true"),
      },
      root: { path: root, readonly: service.read_only },
      mounts: [
        { destination: "/proc", type: "proc", source: "proc" },
        {
          destination: "/dev",
          type: "tmpfs",
          source: "tmpfs",
          options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
        },
        { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
        ...service.tmpfs.map(temporary),
        // There is no engine here, and so no socket.
        ...service.volumes
          .filter((entry) => !entry.startsWith("/"))
          .map((entry) => bind(volume, entry.split(":")[1], "rw")),
        ...(service.init ? [bind("/usr/bin/tini-static", "/sbin/docker-init", "ro")] : []),
      ],
      linux: { namespaces: ["pid", "network", "ipc", "uts", "mount"].map((type) => ({ type })) },
    }),
  )

  const name = `understudy-${process.pid}`
  const runc = (...args) => ["--root", join(folder, "runc"), ...args]
  const child = spawn("runc", runc("run", "--bundle", bundle, name), { stdio: ["ignore", "pipe", "pipe"] })
  let log = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (log += text))
  const ended = new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)))

  return {
    log: () => log,
    grace: Number.parseInt(service.stop_grace_period, 10),
    /** Runs a command inside. */
    exec: (...args) =>
      new Promise((resolve) => {
        const child = execFile("runc", runc("exec", name, ...args), { timeout: 60_000 }, (error, stdout, stderr) =>
          resolve({ code: error ? (typeof error.code === "number" ? error.code : 1) : 0, stdout, stderr }),
        )
        child.stdin.end()
      }),
    /**
     * Sends SIGTERM, then SIGKILL after the time for a graceful shutdown; resolves with the exit code and the seconds
     * it took.
     */
    async stop() {
      const began = performance.now()
      await output("runc", ...runc("kill", name, "TERM")).catch(() => {})
      const late = setTimeout(() => execFile("runc", runc("kill", name, "KILL"), () => {}), this.grace * 1000)
      const code = await ended
      clearTimeout(late)
      return { code, seconds: (performance.now() - began) / 1000 }
    },
  }
}
