import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, test } from "@playwright/test"

import { anImage, skopeo, skopeoPath } from "./images"
import { asItComes, nginxPath, startNginx } from "./nginx"
import { freePort, ownServer } from "./own-server"

test("behind nginx with https, set up as documented: sign-up, create, push and the live page", async ({ browser }) => {
  test.skip(!nginxPath, "nginx is not installed")
  test.skip(!skopeoPath, "skopeo is not installed")
  test.setTimeout(180_000)
  const folder = mkdtempSync(join(tmpdir(), "understudy-proxy-"))
  const port = await freePort()
  const origin = `https://localhost:${port}`
  const server = await ownServer(join(folder, "data"), { PUBLIC_URL: origin, TRUST_PROXY: "1" })
  const nginx = await startNginx(join(folder, "nginx"), { port, to: server.port })
  const context = await browser.newContext({ baseURL: origin, ignoreHTTPSErrors: true })
  try {
    const page = await context.newPage()
    await page.goto("/create")
    await page.getByRole("link", { name: "Create an account" }).first().click()
    await expect(page.getByRole("heading", { level: 1, name: "Create account" })).toBeVisible()
    await page.getByLabel("Username", { exact: true }).fill("alice")
    await page.getByLabel("Password", { exact: true }).fill("a long phrase behind a proxy")
    await page.getByRole("button", { name: "Create account" }).click()
    await page.waitForURL(`${origin}/create`)
    const cookies = await context.cookies()
    expect(cookies.find(({ name }) => name.startsWith("__Host-"))).toMatchObject({
      secure: true,
      httpOnly: true,
      path: "/",
    })
    expect(cookies.filter(({ secure }) => !secure)).toEqual([])

    await page.getByLabel("Name", { exact: true }).fill("hotdog")
    await page.getByRole("button", { name: "Create model" }).click()
    await page.waitForURL(`${origin}/alice/hotdog`)

    // nginx's view of the client's address counts, whatever the client claims.
    await page.goto("/account/api-tokens")
    await page.getByLabel("Name", { exact: true }).fill("laptop")
    await page.getByLabel(/^push/i).check()
    await page.getByRole("button", { name: "Create token" }).click()
    const token = /\bus_\w{20,}/.exec(await page.getByRole("region", { name: "Created token" }).innerText())![0]
    const made = await context.request.post("/v1/models", {
      headers: {
        authorization: `Bearer ${token}`,
        "x-forwarded-for": "203.0.113.9",
        "x-forwarded-host": "evil.example",
      },
      data: { owner: "alice", name: "by-program", visibility: "private", hardware: "cpu" },
    })
    expect(made.status()).toBe(201)
    expect((await made.json()).url).toBe(`${origin}/alice/by-program`)
    const events = (await (
      await context.request.get("/v1/account/events", { headers: { authorization: `Bearer ${token}` } })
    ).json()) as { results: { address: string }[] }
    expect(new Set(events.results.map(({ address }) => address))).toEqual(new Set(["127.0.0.1"]))

    // The page shows the progress of the push live, through nginx.
    await page.goto("/alice/hotdog")
    await expect(page.getByRole("heading", { name: "Push", exact: true })).toBeVisible()
    await anImage(join(folder, "image"), { layers: [12_000_000, 1000] })
    const pushed = await skopeo([
      "copy",
      "--dest-tls-verify=false",
      "--dest-creds",
      `alice:${token}`,
      `oci:${join(folder, "image")}`,
      `docker://localhost:${port}/alice/hotdog:latest`,
    ])
    expect(pushed.stderr + pushed.code).toBe("0")
    await expect(page.getByRole("heading", { name: "Push (done)" })).toBeVisible()
    const pulled = await skopeo([
      "copy",
      "--src-tls-verify=false",
      "--src-creds",
      `alice:${token}`,
      `docker://localhost:${port}/alice/hotdog:latest`,
      `dir:${join(folder, "back")}`,
    ])
    expect(pulled.stderr + pulled.code).toBe("0")
    expect(nginx.said()).not.toMatch(/\[(error|crit|alert|emerg)\]/)
  } finally {
    await context.close()
    await nginx.stop()
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})

test.describe("behind nginx as it comes, which passes on a host of its own", () => {
  test.skip(!nginxPath, "nginx is not installed")

  async function started(env: (origin: string) => Record<string, string>) {
    const folder = mkdtempSync(join(tmpdir(), "understudy-proxy-"))
    const port = await freePort()
    const origin = `https://localhost:${port}`
    const server = await ownServer(join(folder, "data"), env(origin))
    const nginx = await startNginx(join(folder, "nginx"), { port, to: server.port, location: asItComes })
    const stop = async () => {
      await nginx.stop()
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    }
    return { origin, server, data: join(folder, "data"), stop }
  }

  for (const javaScriptEnabled of [true, false])
    test(`with PUBLIC_URL every form works, ${javaScriptEnabled ? "with" : "without"} scripts`, async ({ browser }) => {
      test.setTimeout(120_000)
      const { origin, stop } = await started((origin) => ({ PUBLIC_URL: origin }))
      const context = await browser.newContext({ baseURL: origin, ignoreHTTPSErrors: true, javaScriptEnabled })
      try {
        const page = await context.newPage()
        await page.goto("/signup?next=/create")
        await page.getByLabel("Username", { exact: true }).fill("alice")
        await page.getByLabel("Password", { exact: true }).fill("a long phrase behind a proxy")
        await page.getByRole("button", { name: "Create account" }).click()
        await page.waitForURL(`${origin}/create`)
        await page.getByLabel("Name", { exact: true }).fill("hotdog")
        await page.getByRole("button", { name: "Create model" }).click()
        await page.waitForURL((url) => url.pathname === "/alice/hotdog")
        await page.goto("/account")
        await page.getByLabel("Display name").fill("Alice")
        await page.getByRole("button", { name: "Save profile" }).click()
        await expect(page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible()
      } finally {
        await context.close()
        await stop()
      }
    })

  test("without PUBLIC_URL what is wrong is named on the page, in the form, in the log and by doctor", async ({
    browser,
  }) => {
    test.setTimeout(120_000)
    const { origin, server, data, stop } = await started(() => ({}))
    try {
      for (const javaScriptEnabled of [true, false]) {
        const context = await browser.newContext({ baseURL: origin, ignoreHTTPSErrors: true, javaScriptEnabled })
        const page = await context.newPage()
        await page.goto("/signup")
        await page.getByLabel("Username", { exact: true }).fill("alice")
        await page.getByLabel("Password", { exact: true }).fill("a long phrase behind a proxy")
        await page.getByRole("button", { name: "Create account" }).click()
        await expect(page.getByText(`its operator has to set PUBLIC_URL=${origin}`)).toBeVisible()
        await context.close()
      }
      expect(server.said()).toContain(`"origin":"${origin}"`)
      const env = { ...process.env, DATA_DIR: data }
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--import", "tsx", "--conditions=react-server", "scripts/cli.ts", "doctor"],
        { env },
      )
      expect(stdout).toMatch(
        new RegExp(`^WARN +forms +A form from ${origin} was rejected.* set PUBLIC_URL=${origin}\\.$`, "m"),
      )
    } finally {
      await stop()
    }
  })
})
