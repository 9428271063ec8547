import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"

import { nobody } from "./folders"

/** A Node program that is not to see more than it needs. */
export type Fenced = {
  /** Flags of Node, the program and its arguments. */
  args: string[]
  env: Record<string, string>
  /** Files and folders that it reads. */
  reads: string[]
  /** The one folder that it shares with us. */
  folder: string
  memory_mb: number
}

/** How a program is started within the fences that this machine has. */
export type Fence = {
  /** What stays open, as sentences for the operator; empty when nothing does. */
  missing: string[]
  /** A folder to write to that is in nobody else's way. */
  temporary(fenced: Pick<Fenced, "folder">): string
  command(fenced: Fenced): { file: string; args: string[]; uid?: number; gid?: number }
}

/** Nothing of our environment is anybody else's business. */
export const noEnv = {} as NodeJS.ProcessEnv

/** What Node itself takes before a model has stored anything, in address space for data. */
const ofNode = 700

const onPath = (program: string) =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path))

/** The strongest fence that works here, found by trying. `folder` is one that a program is to share with us. */
export async function findFence(folder: string): Promise<Fence> {
  const libraries = await sharedLibraries()
  const [bwrap, prlimit] = [onPath("bwrap"), onPath("prlimit")]
  const isRoot = process.getuid?.() === 0
  const users = isRoot ? [{ uid: nobody, gid: nobody }, {}] : [{}]
  for (const box of bwrap && libraries ? [bwrap, null] : [null])
    for (const user of users)
      for (const limit of prlimit ? [prlimit, null] : [null]) {
        const fence = makeFence({ box, limit, user, isRoot, libraries: libraries ?? [] })
        if (await works(fence, folder)) return fence
      }
  throw new Error("Node cannot be started as a program of its own.")
}

function makeFence(parts: {
  box: string | null
  limit: string | null
  user: { uid?: number; gid?: number }
  isRoot: boolean
  libraries: string[]
}): Fence {
  const { box, limit, user, isRoot, libraries } = parts
  return {
    missing: [
      ...(box
        ? []
        : [
            "Models reach the network and see the files that everybody may read: bubblewrap is not installed, or does not work.",
          ]),
      ...(isRoot && user.uid === undefined ? ["Models run as root: the account nobody cannot reach Node."] : []),
      ...(limit ? [] : ["Memory is only looked at once a second: prlimit is not installed."]),
    ],
    temporary: ({ folder }) => (box ? "/tmp" : join(folder, "tmp")),
    command({ args, env, reads, folder, memory_mb }) {
      const limits = limit ? [limit, `--data=${(memory_mb + ofNode) * 2 ** 20}`, "--core=0", "--"] : []
      const walls = box ? [box, ...boxed({ env, reads: [...libraries, ...reads], folder, memory_mb })] : []
      const [file, ...rest] = [...limits, ...walls, process.execPath, ...args]
      return { file: file!, args: rest, ...user }
    },
  }
}

/** Everything is where it is outside, as far as it is there at all. */
const boxed = ({ env, reads, folder, memory_mb }: Omit<Fenced, "args">) => [
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

/** What the loader brings in with Node, by the names it asks for; null where Node is one file, or cannot say. */
export async function sharedLibraries(): Promise<string[] | null> {
  const ask =
    "process.report.excludeNetwork = true; console.log(JSON.stringify(process.report.getReport().sharedObjects))"
  const { code, output } = await run(process.execPath, ["-e", ask], {})
  if (code !== 0) return null
  return (JSON.parse(output) as string[]).filter((path) => path.startsWith("/") && existsSync(path))
}

async function works(fence: Fence, folder: string) {
  const fenced = { args: ["-e", "console.log('works')"], env: {}, reads: [], folder, memory_mb: 512 }
  const { file, args, ...user } = fence.command(fenced)
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
