import type { APIRequestContext } from "@playwright/test"
import sharp from "sharp"

import { hostileMarkdown } from "../lib/test/hostile-markdown"
import { violationsOn } from "./axe"
import { type Account, expect, type Page, test, uniqueName } from "./fixtures"
import { expectComplaint, openFolds } from "./forms"
import { postForm } from "./plain-form"

const aPicture = (background = "teal") =>
  sharp({ create: { width: 320, height: 180, channels: 3, background } })
    .png()
    .toBuffer()

const settingsOf = (account: Account, name: string) => `/${account.username}/${name}/settings`
const nothing = "Page not found"

async function readModel(account: Account, name: string, owner = account.username) {
  const answer = await account.request.get(`/v1/models/${owner}/${name}`, {
    headers: { authorization: `Bearer ${await account.token()}` },
  })
  return { status: answer.status(), model: await answer.json() }
}

async function changeModel(account: Account, name: string, data: Record<string, unknown>) {
  const answer = await account.request.patch(`/v1/models/${account.username}/${name}`, {
    headers: { authorization: `Bearer ${await account.token()}` },
    data,
  })
  expect(answer.status(), await answer.text()).toBe(200)
}

function parts(page: Page) {
  const main = page.getByRole("main")
  return {
    heading: (name: string) => main.getByRole("heading", { name, exact: true }),
    field: (name: string | RegExp) => main.getByLabel(name, { exact: typeof name === "string" }),
    button: (name: string) => main.getByRole("button", { name, exact: true }),
    /** Expands the section of an action, unless it is expanded. */
    async unfold(name: string) {
      // It may arrive with the response to the previous action.
      await main.locator("summary", { hasText: name }).first().waitFor()
      const fold = main.locator("details:not([open]) > summary", { hasText: name })
      if ((await fold.count()) > 0) await fold.click()
    },
  }
}

/** The page as served, unchanged by scripts. */
const pageText = async (request: APIRequestContext, path: string) => {
  const answer = await request.get(path, { maxRedirects: 0 })
  return { status: answer.status(), location: answer.headers().location, text: await answer.text() }
}

test("of a new private model are at most 2,012 px long", async ({ page, alice }) => {
  const name = await alice.createModel({ visibility: "private" })
  await page.setViewportSize({ width: 1280, height: 860 })
  await page.goto(settingsOf(alice, name))
  await expect(parts(page).button("Save details")).toBeVisible()
  expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeLessThanOrEqual(2012)
})

test("on a small desktop screen the button that saves the details is in view without scrolling", async ({
  page,
  alice,
}) => {
  const name = await alice.createModel({ description: "Tells hot dogs apart" })
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.goto(settingsOf(alice, name))
  await expect(parts(page).field("Description")).toHaveValue("Tells hot dogs apart")
  await expect(parts(page).button("Save details")).toBeInViewport({ ratio: 0.9 })
  expect(await page.evaluate(() => scrollY)).toBe(0)
})

test.describe("details", () => {
  test("are saved, said to be saved, and shown on the model's page", async ({ page, alice }) => {
    const name = await alice.createModel({ description: "Old words" })
    await page.goto(`/${alice.username}/${name}`)
    await page.getByRole("navigation", { name: "Model" }).getByRole("link", { name: "Settings" }).click()
    await expect(page).toHaveURL(settingsOf(alice, name))
    await expect(page).toHaveTitle(new RegExp(`^Settings · ${alice.username}/${name}`))

    const { field, button, unfold } = parts(page)
    await expect(field("Description")).toHaveValue("Old words")
    await field("Description").fill("Tells hot dogs apart")
    await expect(page.getByText("20 / 500")).toBeVisible()
    await unfold("Links")
    await field("Paper URL").fill("https://example.com/paper")
    await button("Save details").click()
    await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible()

    await page.goto(`/${alice.username}/${name}`)
    await expect(page.getByText("Tells hot dogs apart")).toBeVisible()
    await expect(page.getByRole("link", { name: "Paper" })).toHaveAttribute("href", "https://example.com/paper")
  })

  test("a link that is none keeps everything that was typed, and has the focus", async ({ page, alice }) => {
    const name = await alice.createModel()
    await page.goto(settingsOf(alice, name))
    const { field, button, unfold } = parts(page)
    await field("Description").fill("Worth keeping")
    await unfold("Links")
    await field("License URL").fill("javascript:alert(1)")
    await button("Save details").click()
    await expectComplaint(field("License URL"), /starts with https/)
    await expect(field("License URL")).toBeFocused()
    await expect(field("Description")).toHaveValue("Worth keeping")

    await field("License URL").fill("https://example.com/license")
    await button("Save details").click()
    await expect
      .poll(async () => (await readModel(alice, name)).model)
      .toMatchObject({ description: "Worth keeping", license_url: "https://example.com/license" })
  })
})

test.describe("the README", () => {
  test("is previewed while it is written, saved, and shown to everybody who may see the model", async ({
    page,
    alice,
    openPage,
  }) => {
    const name = await alice.createModel()
    await page.goto(`/${alice.username}/${name}`)
    await page.getByRole("link", { name: "Write one" }).click()
    const { field, button } = parts(page)
    await field("Text").fill(
      "# How it works\n\nIt *looks* at [pictures](https://example.com).\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    )
    await page.getByRole("tab", { name: "Preview" }).click()
    await expect(
      page.getByRole("tabpanel", { name: "Preview" }).getByRole("heading", { name: "How it works" }),
    ).toBeVisible()
    await page.keyboard.press("ArrowLeft")
    await expect(field("Text")).toHaveValue(/^# How it works/)
    await button("Save README").click()
    await expect(page.getByRole("status").filter({ hasText: "Saved." })).toBeVisible()

    const visitor = await openPage()
    await visitor.goto(`/${alice.username}/${name}`)
    const readme = visitor.getByRole("region", { name: "README" })
    await expect(readme.getByRole("heading", { name: "How it works", level: 3 })).toBeVisible()
    await expect(readme.getByRole("link", { name: "pictures" })).toHaveAttribute("rel", /nofollow/)
    await expect(readme.getByRole("cell", { name: "2" })).toBeVisible()
  })

  test("that is missing is said to be, without an invitation to those who cannot write one", async ({
    alice,
    openPage,
  }) => {
    const name = await alice.createModel()
    const visitor = await openPage()
    await visitor.goto(`/${alice.username}/${name}`)
    await expect(visitor.getByText("No README yet.")).toBeVisible()
    await expect(visitor.getByRole("link", { name: "Write one" })).toHaveCount(0)
  })

  test("runs nothing, whatever is written in it", async ({ page, alice, noise }) => {
    // Images of hostile READMEs do not exist, which is the only error the browser may report.
    noise.allow(/^console error: Failed to load resource/)
    await page.route(/^https?:\/\/(?!127\.0\.0\.1|localhost)/, (route) => route.abort())
    const called: string[] = []
    await page.exposeFunction("pwned", (what: string) => called.push(what))
    await page.addInitScript(() => {
      const tell = (what: string) => (window as unknown as { pwned(what: string): void }).pwned(what)
      window.alert = (what) => tell(`alert ${what}`)
      document.addEventListener("securitypolicyviolation", (event) =>
        tell(`${event.violatedDirective} ${event.blockedURI}`),
      )
    })
    const name = await alice.createModel()
    for (const readme of [
      hostileMarkdown.join("\n\n"),
      [...hostileMarkdown].reverse().join("\n\n"),
      ...hostileMarkdown.filter((_, at) => at % 7 === 0),
    ]) {
      await changeModel(alice, name, { readme })
      await page.goto(`/${alice.username}/${name}`)
      const found = await page.locator(".markdown").evaluateAll((roots) =>
        roots.flatMap((root) =>
          [...root.querySelectorAll("*")].flatMap((element) => {
            const bad = [...element.attributes].filter(
              ({ name, value }) => /^on/i.test(name) || /^\s*(javascript|data|vbscript):/i.test(value),
            )
            const strange =
              /^(script|style|iframe|object|embed|form|input|svg|math|link|meta|base|body|noscript|textarea|details)$/i.test(
                element.tagName,
              )
            return bad.length || strange ? [element.outerHTML] : []
          }),
        ),
      )
      expect(found).toEqual([])
      for (const element of await page.locator(".markdown").locator("a, img").all())
        await element.hover({ force: true, timeout: 1000 }).catch(() => {})
    }
    expect(called).toEqual([])
  })

  test("is printed whole, without the page around it", async ({ page, alice }) => {
    const name = await alice.createModel()
    await changeModel(alice, name, { readme: `# Printed\n\n\`\`\`\n${"long ".repeat(60)}\n\`\`\`` })
    await page.emulateMedia({ media: "print" })
    await page.goto(`/${alice.username}/${name}`)
    await expect(page.getByRole("heading", { name: "Printed" })).toBeVisible()
    await expect(page.getByRole("navigation", { name: "Model" })).toBeHidden()
    expect(await page.locator(".markdown pre").evaluate((pre) => pre.scrollWidth <= pre.clientWidth)).toBe(true)
  })
})

test.describe("the cover", () => {
  test("is uploaded, shown at its own size without a shift, and removed", async ({ page, alice, openPage }) => {
    const name = await alice.createModel()
    await page.goto(settingsOf(alice, name))
    const { field, button, unfold } = parts(page)
    await unfold("Add a cover…")
    await field("Upload an image").setInputFiles({
      name: "cover.png",
      mimeType: "image/png",
      buffer: await aPicture(),
    })
    await button("Upload").click()
    // Decoders are disabled for uploads; the preview image of a shared link uses the same library.
    const shared = await alice.request.get(`/${alice.username}/${name}/opengraph-image`)
    expect([
      shared.status(),
      shared.headers()["content-type"],
      (await sharp(await shared.body()).metadata()).width,
    ]).toEqual([200, "image/png", 1200])

    const cover = page
      .getByRole("region", { name: "Cover image" })
      .getByRole("img", { name: `Cover of ${alice.username}/${name}` })
    await expect(cover).toBeVisible()

    const { model } = await readModel(alice, name)
    const address = new URL(model.cover_image_url).pathname
    const served = await alice.request.get(address)
    expect(served.headers()).toMatchObject({
      "content-type": "image/webp",
      "x-content-type-options": "nosniff",
      "cache-control": "public, max-age=31536000, immutable",
    })

    const visitor = await openPage()
    await visitor.goto(`/${alice.username}`)
    const box = await visitor.getByRole("img", { name: `Cover of ${name}` }).boundingBox()
    expect(box!.width / box!.height).toBeCloseTo(16 / 9, 1)

    await button("Remove cover").click()
    await expect(page.getByText("No cover yet")).toBeVisible()
    expect((await alice.request.get(address)).status()).toBe(404)
  })

  test("that is an SVG is refused in a sentence, and the page stays", async ({ page, alice }) => {
    const name = await alice.createModel()
    await page.goto(settingsOf(alice, name))
    const { field, button, unfold } = parts(page)
    await unfold("Add a cover…")
    await field("Upload an image").setInputFiles({
      name: "x.png",
      mimeType: "image/png",
      buffer: Buffer.from("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    })
    await button("Upload").click()
    await expectComplaint(field("Upload an image"), /SVG is not supported/)
    await expect(field("Upload an image")).toBeFocused()
  })

  test("of a private model is nobody else's to fetch, and kept by no cache that others share", async ({
    alice,
    bob,
    openPage,
  }) => {
    const name = await alice.createModel({ visibility: "private" })
    const origin = new URL((await alice.request.get("/")).url()).origin
    const posted = await alice.request.post(`/${alice.username}/${name}/cover`, {
      headers: { origin, accept: "application/json" },
      multipart: { cover: { name: "c.png", mimeType: "image/png", buffer: await aPicture("navy") } },
    })
    expect(await posted.json()).toEqual({ ok: true })
    const address = new URL((await readModel(alice, name)).model.cover_image_url).pathname
    const own = await alice.request.get(address)
    expect([own.status(), own.headers()["cache-control"]]).toEqual([200, "private, max-age=31536000, immutable"])
    const visitor = await openPage()
    for (const request of [bob.request, visitor.request]) expect((await request.get(address)).status()).toBe(404)
  })

  test("cannot be set from another site or by somebody else", async ({ alice, bob }) => {
    const name = await alice.createModel()
    const send = async (request: APIRequestContext, origin: string) =>
      (
        await request.post(`/${alice.username}/${name}/cover`, {
          headers: { origin, accept: "application/json" },
          multipart: { cover: { name: "c.png", mimeType: "image/png", buffer: await aPicture() } },
        })
      ).json()
    const origin = new URL((await alice.request.get("/")).url()).origin
    expect(await send(alice.request, "https://evil.example")).toMatchObject({
      ok: false,
      detail: expect.stringContaining("came from another site"),
    })
    expect(await send(bob.request, origin)).toMatchObject({
      ok: false,
      detail: expect.stringContaining(`Only ${alice.username} can change`),
    })
    expect((await readModel(alice, name)).model.cover_image_url).toBeNull()
  })
})

test("hardware says what the choice changes before it is saved", async ({ page, alice }) => {
  const name = await alice.createModel({ hardware: "gpu-t4" })
  await page.goto(settingsOf(alice, name))
  const { button, field } = parts(page)
  await expect(field("Runs on").locator("option:disabled").first()).toBeAttached()
  await field("Runs on").selectOption("gpu-a40-large")
  const change = page.getByRole("status").filter({ hasText: "From Nvidia T4 GPU to Nvidia A40 (Large) GPU" })
  await expect(change).toContainText("$0.000225 becomes $0.000725")
  await expect(change).toContainText("$0.81 becomes $2.61")
  await expect(change).toContainText("$591.30 becomes $1,905.30")
  await button("Save hardware").click()
  await expect(page.getByText("Saved. The next run uses it.")).toBeVisible()
  expect((await readModel(alice, name)).model.hardware).toBe("gpu-a40-large")
})

test("visibility changes after a step that says who gains and loses what, in both directions", async ({
  page,
  alice,
  openPage,
}) => {
  const name = await alice.createModel()
  await page.goto(settingsOf(alice, name))
  const { button } = parts(page)
  await page.getByText("Make it private…").click()
  await expect(page.getByText("Everyone else loses access immediately")).toBeVisible()
  await button("Yes, make it private").click()
  await expect(page.getByText("Make it public…")).toBeVisible()
  expect((await (await openPage()).request.get(`/${alice.username}/${name}`)).status()).toBe(404)

  await page.getByText("Make it public…").click()
  await expect(page.getByText("Everyone can see its page")).toBeVisible()
  await button("Yes, make it public").click()
  await expect(page.getByText("Make it private…")).toBeVisible()
  expect((await (await openPage()).request.get(`/${alice.username}/${name}`)).status()).toBe(200)
})

test.describe("renaming", () => {
  test("goes on under the new name, and every old address of a page leads there for good", async ({
    page,
    alice,
    openPage,
  }) => {
    const [old, renamed] = [await alice.createModel(), uniqueName("renamed")]
    await page.goto(settingsOf(alice, old))
    const { field, button, unfold } = parts(page)
    await unfold("Rename…")
    await field("New name").fill(renamed)
    await button("Rename").click()
    await expect(page).toHaveURL(`${settingsOf(alice, renamed)}?renamed=1`)
    await expect(page.getByText(`Renamed to ${renamed}`)).toBeVisible()

    const visitor = (await openPage()).request
    for (const part of ["", "/api"])
      expect(await pageText(visitor, `/${alice.username}/${old}${part}`)).toMatchObject({
        status: 308,
        location: `/${alice.username}/${renamed}${part}`,
      })
    expect(await pageText(alice.request, settingsOf(alice, old))).toMatchObject({
      status: 308,
      location: settingsOf(alice, renamed),
    })
    expect(await readModel(alice, old)).toMatchObject({ status: 200, model: { name: renamed } })
  })

  test("to a name that is taken or will not do is refused at the field, and the page stays", async ({
    page,
    alice,
  }) => {
    const [name, taken] = [await alice.createModel(), await alice.createModel()]
    await page.goto(settingsOf(alice, name))
    const { field, button, unfold } = parts(page)
    await unfold("Rename…")
    for (const [wanted, message] of [
      ["No good", /valid name/],
      [taken, /already exists/],
    ] as const) {
      await field("New name").fill(wanted)
      await button("Rename").click()
      await expectComplaint(field("New name"), message)
      await expect(field("New name")).toBeFocused()
      await expect(field("New name")).toHaveValue(wanted)
    }
  })
})

test.describe("a transfer", () => {
  test("is offered, seen by the other account, and accepted under a free name", async ({
    page,
    alice,
    bob,
    openPage,
  }) => {
    const name = await alice.createModel({ visibility: "private" })
    await bob.createModel({ name })
    await page.goto(settingsOf(alice, name))
    const { field, button, unfold } = parts(page)
    await unfold("Transfer…")
    await field("New owner").fill("nobody-of-that-name")
    await button("Offer transfer").click()
    await expectComplaint(field("New owner"), /no account named/)
    await field("New owner").fill(bob.username)
    await button("Offer transfer").click()
    await expect(page.getByText(`Offered to ${bob.username}`)).toBeVisible()

    const other = await openPage({ as: bob })
    await other.goto(`/${bob.username}`)
    await expect(other.getByText(`${alice.username} wants to transfer a model to you`)).toBeVisible()
    await other.getByRole("link", { name: "Accept or decline" }).click()
    const theirs = parts(other)
    await theirs.button("Accept").click()
    await expectComplaint(theirs.field("Name"), /already exists/)
    await theirs.field("Name").fill(`${name}-2`)
    await theirs.button("Accept").click()
    await expect(other).toHaveURL(`/${bob.username}/${name}-2`)

    expect((await pageText(bob.request, `/${alice.username}/${name}`)).location).toBe(`/${bob.username}/${name}-2`)
    for (const path of [`/${alice.username}/${name}`, `/${bob.username}/${name}-2`])
      expect((await pageText(alice.request, path)).status).toBe(404)
  })

  test("is withdrawn by the one and declined by the other", async ({ page, alice, bob, openPage }) => {
    const name = await alice.createModel()
    await page.goto(settingsOf(alice, name))
    const { field, button, unfold } = parts(page)
    const offer = async () => {
      await unfold("Transfer…")
      await field("New owner").fill(bob.username)
      await button("Offer transfer").click()
      await expect(page.getByText(`Offered to ${bob.username}`)).toBeVisible()
    }
    await offer()
    await button("Withdraw offer").click()
    await expect(page.getByText("Transfer…")).toBeVisible()

    await offer()
    const other = await openPage({ as: bob })
    await other.goto("/account/transfers")
    await other.getByRole("button", { name: `Decline ${alice.username}/${name}` }).click()
    await expect(other.getByText("Transfer declined.")).toBeVisible()
    await page.reload()
    await expect(page.getByText(`${bob.username} declined your offer`)).toBeVisible()
  })
})

test("deleting lists what is in the way, each with the way to it, and then asks for the name", async ({
  page,
  alice,
}) => {
  const name = await alice.createModel()
  await page.goto(settingsOf(alice, name))
  const { field, button, unfold } = parts(page)
  await expect(page.getByText("A public model cannot be deleted. Make it private first.")).toBeVisible()
  await expect(button("Delete this model")).toHaveCount(0)
  await page.getByRole("link", { name: "Change visibility" }).click()
  await expect(page).toHaveURL(/#visibility$/)
  await page.getByText("Make it private…").click()
  await button("Yes, make it private").click()

  await unfold("Delete…")
  await field(/^Type/).fill("something else")
  await button("Delete this model").click()
  await expectComplaint(field(/^Type/), new RegExp(`Type ${name} to delete the model`))
  await expect(field(/^Type/)).toBeFocused()
  await field(/^Type/).fill(name)
  await button("Delete this model").click()
  await expect(page).toHaveURL(`/${alice.username}?deleted=1`)
  await expect(page.getByText("Model deleted.")).toBeVisible()
  expect((await readModel(alice, name)).status).toBe(404)
})

test.describe("to everybody but the owner", () => {
  test("the settings of any model are the page that says there is nothing", async ({ alice, bob, openPage, noise }) => {
    noise.allowMissingPage()
    const [open, secret] = [await alice.createModel(), await alice.createModel({ visibility: "private" })]
    const visitor = await openPage()
    for (const [who, request] of [
      ["bob", bob.request],
      ["visitor", visitor.request],
    ] as const) {
      const answers = await Promise.all(
        [open, secret, uniqueName("never-was")].map((name) => pageText(request, `/${alice.username}/${name}/settings`)),
      )
      for (const { status, text } of answers) {
        expect(status, who).toBe(404)
        expect(text).toContain(nothing)
        expect(text).not.toContain("Danger zone")
        expect(text).toContain("<title>Not found")
      }
    }
    await visitor.goto(`/${alice.username}/${open}`)
    await expect(
      visitor.getByRole("navigation", { name: "Model" }).getByRole("link", { name: "Settings" }),
    ).toHaveCount(0)
  })

  test("old and new names of a private model answer like one that never was", async ({ alice, bob, openPage }) => {
    const old = await alice.createModel({ visibility: "private" })
    const renamed = uniqueName("renamed")
    expect((await postForm(alice.request, settingsOf(alice, old), "Rename", { name: renamed })).status()).toBe(303)
    const visitor = await openPage()
    for (const request of [bob.request, visitor.request])
      for (const part of ["", "/api", "/settings", ".md", ".json"])
        for (const name of [old, renamed, uniqueName("never-was")])
          expect((await pageText(request, `/${alice.username}/${name}${part}`)).status, name + part).toBe(404)
  })
})

test.describe("without scripts", () => {
  // The browser still fetches files for old browsers, and the policy blocks it.
  test.beforeEach(({ noise }) => noise.allow(/^failed: GET .*\.js csp$/))

  test("every section is saved, refused with everything kept, and says so", async ({ alice, bob, openPage }) => {
    const name = await alice.createModel()
    const page = await openPage({ as: alice, javaScriptEnabled: false })
    await page.goto(settingsOf(alice, name))
    const { field, button, unfold } = parts(page)

    await field("Description").fill("Kept")
    await unfold("Links")
    await field("GitHub URL").fill("nonsense")
    await button("Save details").click()
    await expectComplaint(field("GitHub URL"), /starts with https/)
    await expect(field("Description")).toHaveValue("Kept")
    await expect(field("GitHub URL")).toHaveValue("nonsense")
    await expect(field("GitHub URL")).toBeFocused()
    await field("GitHub URL").fill("https://github.com/a/b")
    await button("Save details").click()
    await expect(page.getByText("Saved.", { exact: true })).toBeVisible()

    await field("Text").fill("# Plain\n\nwords")
    await button("Preview").click()
    await expect(page.locator(".markdown").getByRole("heading", { name: "Plain" })).toBeVisible()
    await expect(field("Text")).toHaveValue("# Plain\n\nwords")
    await button("Save README").click()
    await expect(page.getByText("Saved.", { exact: true })).toBeVisible()

    await unfold("Add a cover…")
    await field("Upload an image").setInputFiles({
      name: "x.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("no picture"),
    })
    await button("Upload").click()
    await expect(page).toHaveURL(`${settingsOf(alice, name)}?cover=unreadable#cover`)
    await expectComplaint(field("Upload an image"), /not a valid image/)
    await field("Upload an image").setInputFiles({
      name: "cover.png",
      mimeType: "image/png",
      buffer: await aPicture(),
    })
    await button("Upload").click()
    await expect(page.getByText("Cover image updated.")).toBeVisible()

    await field("Runs on").selectOption("cpu-small")
    await button("Save hardware").click()
    await expect(page.getByText("Saved. The next run uses it.")).toBeVisible()

    await page.getByText("Make it private…").click()
    await button("Yes, make it private").click()
    await expect(page.getByText("Make it public…")).toBeVisible()

    await unfold("Rename…")
    await field("New name").fill("No good")
    await button("Rename").click()
    await expectComplaint(field("New name"), /valid name/)
    await expect(field("New name")).toHaveValue("No good")

    await unfold("Transfer…")
    await field("New owner").fill(bob.username)
    await button("Offer transfer").click()
    await expect(page.getByText(`Offered to ${bob.username}`)).toBeVisible()
    await button("Withdraw offer").click()

    const renamed = uniqueName("plain")
    await unfold("Rename…")
    await field("New name").fill(renamed)
    await button("Rename").click()
    // The browser keeps the fragment of an earlier response.
    await expect(page).toHaveURL(new RegExp(`${settingsOf(alice, renamed)}\\?renamed=1(#cover)?$`))
    expect((await readModel(alice, renamed)).model).toMatchObject({
      description: "Kept",
      github_url: "https://github.com/a/b",
      visibility: "private",
      hardware: "cpu-small",
    })

    await unfold("Delete…")
    await field(/^Type/).fill(renamed)
    await button("Delete this model").click()
    await expect(page.getByText("Model deleted.")).toBeVisible()
  })

  test("a transfer is accepted", async ({ alice, bob, openPage }) => {
    const name = await alice.createModel()
    expect(
      (await postForm(alice.request, settingsOf(alice, name), "Offer transfer", { to: bob.username })).status(),
    ).toBe(200)
    const page = await openPage({ as: bob, javaScriptEnabled: false })
    await page.goto("/account/transfers")
    await parts(page).button("Accept").click()
    await expect(page).toHaveURL(`/${bob.username}/${name}`)
  })
})

for (const colorScheme of ["light", "dark"] as const) {
  test(`nobody is kept out: axe finds nothing in ${colorScheme}, and 320 pixels are wide enough`, async ({
    page,
    alice,
    bob,
    openPage,
  }) => {
    test.slow()
    const name = await alice.createModel({ description: "Tells hot dogs apart", github_url: "https://example.com" })
    await changeModel(alice, name, {
      readme:
        "# A\n\n## B\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nlong long long long long long long long long long long long long long long long\n```\n\n> c\n\n- d\n\n[e](https://example.com)",
    })
    await alice.request.post(`/${alice.username}/${name}/cover`, {
      headers: { origin: new URL((await alice.request.get("/")).url()).origin, accept: "application/json" },
      multipart: { cover: { name: "c.png", mimeType: "image/png", buffer: await aPicture() } },
    })
    await postForm(alice.request, settingsOf(alice, name), "Offer transfer", { to: bob.username })
    const other = await openPage({ as: bob, colorScheme })
    await page.emulateMedia({ colorScheme })

    const states: [Page, string, (() => Promise<void>)?][] = [
      [page, settingsOf(alice, name)],
      [page, settingsOf(alice, name), () => openFolds(page.getByRole("main"))],
      [
        page,
        settingsOf(alice, name),
        async () => {
          await parts(page).unfold("Links")
          await page.getByLabel("GitHub URL").fill("nonsense")
          await page.getByRole("button", { name: "Save details" }).click()
          await expect(page.getByLabel("GitHub URL")).toHaveAttribute("aria-invalid", "true")
          await page.getByRole("tab", { name: "Preview" }).click()
          await expect(
            page.getByRole("tabpanel", { name: "Preview" }).getByRole("heading", { name: "A", exact: true }),
          ).toBeVisible()
        },
      ],
      [page, `/${alice.username}/${name}`],
      [page, `/${alice.username}`],
      [page, "/account/transfers"],
      [other, "/account/transfers"],
      [other, `/${bob.username}`],
    ]
    for (const [where, path, prepare] of states)
      for (const width of [1280, 320]) {
        await where.setViewportSize({ width, height: 800 })
        await where.goto(path)
        await prepare?.()
        const violations = await violationsOn(where)
        expect(
          violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
          `${path} at ${width}`,
        ).toEqual([])
        expect(
          await where.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
          `${path} at ${width}`,
        ).toBeLessThanOrEqual(0)
      }
  })
}
