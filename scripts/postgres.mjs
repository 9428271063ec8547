// A temporary PostgreSQL for tests: its own folder, a free port, removed when this process ends.
import { execFileSync, spawn } from "node:child_process"
import { randomInt } from "node:crypto"
import { once } from "node:events"
import { chmodSync, chownSync, mkdtempSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findPostgres } from "./system.mjs"

// The shell outlives us by a moment: when its input closes, however we ended, it stops the server and removes the
// folder.
const guard = `
  trap 'rm -rf "$DIR"' EXIT
  "$BIN/initdb" -D "$DIR/data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$DIR/initdb.log" 2>&1 || {
    echo "FATAL: initdb failed" >&2
    cat "$DIR/initdb.log" >&2
    exit 1
  }
  "$BIN/postgres" -D "$DIR/data" -k "$DIR" -h 127.0.0.1 -p "$DB_PORT" $SETTINGS \
    -c max_connections=200 -c log_min_messages=log &
  read -r _
  kill -QUIT $!
  wait $!
`

const fleeting = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"

/**
 * Null when PostgreSQL is not installed. With `flush`, commits are flushed to disk and tables are vacuumed, as
 * installed; otherwise neither, because tests are over before that matters.
 * @param {{ flush?: boolean }} [options]
 * @returns {Promise<{ url: string, stop(): Promise<void> } | null>}
 */
export async function startPostgres({ flush = false } = {}) {
  const programs = findPostgres()
  if (!programs) return null

  const account = serverAccount()
  const folder = mkdtempSync(join(tmpdir(), "understudy-pg-"))
  chmodSync(folder, 0o700)
  if (account) chownSync(folder, account.uid, account.gid)
  const port = await freePort()

  const server = spawn("/bin/sh", ["-c", guard], {
    ...account,
    cwd: folder,
    // A separate process group, so that Ctrl-C reaches the shell through us and not before us.
    detached: true,
    stdio: ["pipe", "ignore", "pipe"],
    env: {
      PATH: process.env.PATH,
      LC_ALL: "C.UTF-8",
      BIN: programs,
      DIR: folder,
      DB_PORT: String(port),
      SETTINGS: flush ? "" : fleeting,
    },
  })
  const ended = new Promise((resolve) => server.once("close", resolve))
  const stop = async () => {
    server.stdin.end()
    await ended
  }

  try {
    await ready(server)
  } catch (error) {
    await stop()
    throw error
  }
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop }
}

function ready(server) {
  return new Promise((resolve, reject) => {
    let log = ""
    const refuse = (why) => {
      clearTimeout(timer)
      reject(new Error(`PostgreSQL did not start (${why}).\n${log}`))
    }
    const timer = setTimeout(refuse, 60_000, "no answer in a minute")
    server.stdin.on("error", () => {})
    server.once("error", (error) => refuse(error.message))
    server.once("close", () => refuse("it stopped"))
    server.stderr.setEncoding("utf8").on("data", (text) => {
      log += text
      if (log.includes("FATAL")) return setTimeout(refuse, 100, "it failed")
      if (!log.includes("ready to accept connections")) return
      clearTimeout(timer)
      resolve()
    })
  })
}

/** The account to run as, because PostgreSQL refuses to run as root; undefined for the current one. */
function serverAccount() {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (what) =>
        Number(execFileSync("id", [what, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }))
      return { uid: id("-u"), gid: id("-g") }
    } catch {
      // There is no such account; try the next one.
    }
  }
  throw new Error("PostgreSQL cannot run as root, and there is neither a postgres nor a nobody account.")
}

/**
 * A port that nobody listens on, below those that the kernel gives to outgoing connections: whoever restarts a server
 * on it does not find it taken by one.
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (;;) {
    const port = randomInt(15_000, 32_000)
    const probe = createServer().listen(port, "127.0.0.1")
    const listening = await once(probe, "listening").catch((error) => {
      if (error.code !== "EADDRINUSE") throw error
    })
    if (!listening) continue
    probe.close()
    await once(probe, "close")
    return port
  }
}
