import { randomBytes } from "node:crypto"
import { rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "@playwright/test"

import { anAccount } from "./accounts"
import { dockerHere, startDocker } from "./docker"
import { aContext, anImage, buildah, buildahPath, podman, podmanPath, skopeo, skopeoPath, type Ended } from "./images"

// The valid names of a model depend on the clients that push to it: each client tries names that are accepted here, and
// names that are not.

const taken = ["a.b", "a_b", "a__b", "a-b--c---d", "0.1_2__3-4"]
const refused = ["dr.-strange", "a..b", "a___b", "a._b", "a-_b", "a-"]

const aSuffix = () => randomBytes(4).toString("hex")

let folder: string
let alice: Awaited<ReturnType<typeof anAccount>>
test.beforeAll(async () => {
  // In lowercase, because images from a folder are named after it.
  folder = join(tmpdir(), `understudy-names-${aSuffix()}`)
  alice = await anAccount("alice")
})
test.afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function create(origin: string, name: string) {
  const answer = await fetch(`${origin}/v1/models`, {
    method: "POST",
    headers: { authorization: `Bearer ${alice.token}` },
    body: JSON.stringify({ owner: alice.username, name, visibility: "private", hardware: "cpu" }),
  })
  return answer.status
}

/** Pushes to models with accepted names, and shows that the client itself rejects the others. */
async function expectSameNames(origin: string, push: (to: string) => Promise<Ended>) {
  const to = (name: string) => `${new URL(origin).host}/${alice.username}/${name}`
  for (const name of taken.map((name) => `${name}${aSuffix()}`)) {
    expect(await create(origin, name), name).toBe(201)
    const { code, stderr } = await push(to(name))
    expect(code, `${name}: ${stderr}`).toBe(0)
  }
  for (const name of refused) {
    expect(await create(origin, name), name).toBe(400)
    const { code, stderr } = await push(to(name))
    expect([code === 0, stderr], name).toEqual([
      false,
      expect.stringMatching(/invalid reference format|invalid repository name/i),
    ])
  }
}

const credentials = () => ["--tls-verify=false", "--creds", `${alice.username}:${alice.token}`]
const clients = { buildah: [buildahPath, buildah], podman: [podmanPath, podman] } as const

for (const [client, [path, run]] of Object.entries(clients))
  test(`${client} pushes to what can be a name, and to nothing else`, async ({ baseURL }) => {
    test.skip(!path, `${client} is not installed, or this is not root`)
    test.setTimeout(120_000)
    const place = join(folder, client)
    await aContext(join(place, "context"), 1000)
    const built = await run(place, [
      "build",
      "--isolation",
      "chroot",
      "--tag",
      "localhost/built",
      join(place, "context"),
    ])
    expect(built.code, built.stderr).toBe(0)
    await expectSameNames(baseURL!, (to) => run(place, ["push", ...credentials(), "localhost/built", `docker://${to}`]))
  })

test("skopeo pushes to what can be a name, and to nothing else", async ({ baseURL }) => {
  test.skip(!skopeoPath, "skopeo is not installed")
  const image = join(folder, "skopeo")
  await anImage(image)
  const options = ["--dest-tls-verify=false", "--dest-creds", `${alice.username}:${alice.token}`]
  await expectSameNames(baseURL!, (to) => skopeo(["copy", ...options, `oci:${image}`, `docker://${to}`]))
})

test("docker pushes to what can be a name, and to nothing else", async ({ baseURL }) => {
  test.skip(!dockerHere, "Docker's engine is not installed, or this is not root")
  test.setTimeout(180_000)
  const docker = await startDocker(join(folder, "engine"))
  test.skip(!docker, "Docker's engine does not start here")
  try {
    await docker!.withInput(alice.token, "login", new URL(baseURL!).host, "-u", alice.username, "--password-stdin")
    await aContext(join(folder, "context"), 1000)
    const built = await docker!("build", "--quiet", "--tag", "built", join(folder, "context"))
    expect(built.code, built.stderr).toBe(0)
    await expectSameNames(baseURL!, async (to) => {
      const tagged = await docker!("tag", "built", to)
      return tagged.code === 0 ? docker!("push", to) : tagged
    })
  } finally {
    await docker!.stop()
  }
})
