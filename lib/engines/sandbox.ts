import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"

import { nobody } from "./folders"

/** A Node program to sandbox. */
type Sandboxed = {
  /** Node flags, the program and its arguments. */
  args: string[]
  env: Record<string, string>
  /** Readable files and folders. */
  reads: string[]
  /** The only folder shared with the server. */
  folder: string
  memory_mb: number
}

/** How a program is started in the sandbox of this machine. */
export type Sandbox = {
  /** Missing isolation, as sentences for the operator. */
  missing: string[]
  /** A private writable folder. */
  temporary(sandboxed: Pick<Sandboxed, "folder">): string
  command(sandboxed: Sandboxed): {
    file: string
    args: string[]
    /** The whole environment. */
    env: NodeJS.ProcessEnv
    uid?: number
    gid?: number
  }
}

/** An empty environment, so that programs do not get the server's. */
export const noEnv = {} as NodeJS.ProcessEnv

/** Megabytes that Node itself needs besides the model's memory. */
const ofNode = 700

/** The path of an installed program; undefined if there is none. */
export const onPath = (program: string): string | undefined =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path))

/**
 * Finds the strongest sandbox that works here, by trying. `folder` is a folder that a program will share with the
 * server. Throws if Node cannot be started as a child process.
 */
export async function findSandbox(folder: string): Promise<Sandbox> {
  const libraries = await sharedLibraries()
  const [bwrap, prlimit] = [onPath("bwrap"), onPath("prlimit")]
  const isRoot = process.getuid?.() === 0
  const users = isRoot ? [{ uid: nobody, gid: nobody }, {}] : [{}]
  for (const box of bwrap && libraries ? [bwrap, null] : [null])
    for (const user of users)
      for (const limit of prlimit ? [prlimit, null] : [null]) {
        const sandbox = makeSandbox({ box, limit, user, isRoot, libraries: libraries ?? [] })
        if (await works(sandbox, folder)) return sandbox
      }
  throw new Error("Node cannot be started as a child process.")
}

function makeSandbox(parts: {
  box: string | null
  limit: string | null
  user: { uid?: number; gid?: number }
  isRoot: boolean
  libraries: string[]
}): Sandbox {
  const { box, limit, user, isRoot, libraries } = parts
  return {
    missing: [
      ...(box
        ? []
        : [
            "Models can reach the network and read world-readable files: bubblewrap is not installed or does not work.",
          ]),
      ...(isRoot && user.uid === undefined ? ["Models run as root, because the account nobody cannot run Node."] : []),
      ...(limit ? [] : ["Memory is only checked once a second: prlimit is not installed."]),
    ],
    temporary: ({ folder }) => (box ? "/tmp" : join(folder, "tmp")),
    command({ args, env, reads, folder, memory_mb }) {
      const limits = limit ? [limit, `--data=${(memory_mb + ofNode) * 2 ** 20}`, "--core=0", "--"] : []
      const walls = box ? [box, ...boxed({ env, reads: [...libraries, ...reads], folder, memory_mb })] : []
      const [file, ...rest] = [...limits, ...walls, process.execPath, ...args]
      // bubblewrap sets the environment itself.
      return { file: file!, args: rest, env: box ? noEnv : (env as NodeJS.ProcessEnv), ...user }
    },
  }
}

/** The arguments of bubblewrap, which mounts every path at the same place. */
const boxed = ({ env, reads, folder, memory_mb }: Omit<Sandboxed, "args">) => [
  ..."--unshare-all --cap-drop ALL --hostname model --proc /proc --dev /dev --dir /empty --chdir /empty".split(" "),
  ...`--uid ${nobody} --gid ${nobody} --size ${Math.ceil(memory_mb / 2) * 2 ** 20} --tmpfs /tmp`.split(" "),
  ...[process.execPath, ...reads].flatMap((path) => ["--ro-bind", path, path]),
  "--bind",
  folder,
  folder,
  "--remount-ro",
  "/",
  "--clearenv",
  ...Object.entries(env).flatMap(([name, value]) => ["--setenv", name, value]),
  "--",
]

/** The paths of Node's shared libraries; null if unknown. */
export async function sharedLibraries(): Promise<string[] | null> {
  const ask =
    "process.report.excludeNetwork = true; console.log(JSON.stringify(process.report.getReport().sharedObjects))"
  const { code, output } = await run(process.execPath, ["-e", ask], {})
  if (code !== 0) return null
  return (JSON.parse(output) as string[]).filter((path) => path.startsWith("/") && existsSync(path))
}

async function works(sandbox: Sandbox, folder: string) {
  const sandboxed = { args: ["-e", "console.log('works')"], env: {}, reads: [], folder, memory_mb: 512 }
  const { file, args, ...user } = sandbox.command(sandboxed)
  const { code, output } = await run(file, args, user)
  return code === 0 && output.trim() === "works"
}

function run(file: string, args: string[], user: { uid?: number; gid?: number }) {
  return new Promise<{ code: number; output: string }>((resolve) => {
    const child = spawn(file, args, {
      ...user,
      env: noEnv,
      cwd: "/",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 20_000,
    })
    let output = ""
    child.stdout.on("data", (chunk) => (output += chunk))
    child.once("error", () => resolve({ code: -1, output }))
    child.once("close", (code) => resolve({ code: code ?? -1, output }))
  })
}
