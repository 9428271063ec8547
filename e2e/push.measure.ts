import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "@playwright/test"
import Replicate from "replicate"

import { anAccount } from "./accounts"
import { anImage, skopeo, skopeoPath } from "./images"
import { ownServer } from "./own-server"

test("an image of 1 GB is pushed and pulled with less than 200 MB of memory", async () => {
  test.skip(!skopeoPath, "skopeo is not installed")
  test.setTimeout(300_000)
  const folder = mkdtempSync(join(tmpdir(), "understudy-large-"))
  const data = join(folder, "data")
  const server = await ownServer(data)
  try {
    const account = await anAccount("large", server.origin)
    const client = new Replicate({ auth: account.token, baseUrl: `${server.origin}/v1` })
    await client.models.create(account.username, "large", { visibility: "private", hardware: "cpu" })
    // A small one first, so that only the cost of the size is measured.
    await anImage(join(folder, "small"))
    const to = `docker://${server.host}/${account.username}/large`
    const creds = `${account.username}:${account.token}`
    await skopeo(["copy", "--dest-tls-verify=false", "--dest-creds", creds, `oci:${join(folder, "small")}`, to])
    const before = server.peak()

    const { digest } = await anImage(join(folder, "large"), { layers: [1_073_741_824] })
    const pushed = await skopeo([
      "copy",
      "--dest-tls-verify=false",
      "--dest-creds",
      creds,
      `oci:${join(folder, "large")}`,
      to,
    ])
    expect(pushed.code, pushed.stderr).toBe(0)
    const pulled = await skopeo([
      "copy",
      "--src-tls-verify=false",
      "--src-creds",
      creds,
      to,
      `dir:${join(folder, "back")}`,
    ])
    expect(pulled.code, pulled.stderr).toBe(0)
    expect(JSON.parse(readFileSync(join(folder, "back", "manifest.json"), "utf8")).layers[0].size).toBeGreaterThan(
      1_073_741_824,
    )

    const grown = (server.peak() - before) / 1e6
    console.log(
      `1 GB pushed and pulled: the server's peak grew by ${grown.toFixed(0)} MB to ${(server.peak() / 1e6).toFixed(0)} MB`,
    )
    expect(grown).toBeLessThan(200)
    expect((await client.models.get(account.username, "large")).latest_version!.id).toBe(digest.slice(7))
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
