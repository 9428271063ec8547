// The acceptance criteria of the create flow, by number.
import { execFile } from "node:child_process"
import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"

import catalogue from "../db/hardware.json" with { type: "json" }
import { violationsOn } from "./axe"
import { expect, test, uniqueName, type Page } from "./fixtures"
import { createForm, expectComplaint } from "./forms"
import { dockerLogin, plainPush } from "./plain-push"

const run = promisify(execFile)
const status = (page: Page) => page.locator("#name-status")

test.describe("1. without scripts", () => {
  test.use({ javaScriptEnabled: false })
  // The browser cancels the preload of scripts that it may not run.
  test.beforeEach(({ noise }) => noise.allow(/^failed: GET .*\.js csp$/))

  test("a private model is created and its page says how to push", async ({ page, alice }) => {
    const form = createForm(page)
    const name = uniqueName("plain")
    await page.goto("/create")
    await form.name.fill(name)
    await form.privately.check()
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === "POST"),
      form.submit.click(),
    ])
    expect(answer.status()).toBe(303)
    await expect(page).toHaveURL(`/${alice.username}/${name}?created=1`)
    await expect(page.getByText(`Created ${alice.username}/${name}`)).toBeVisible()
    await expect(page.getByRole("main")).toContainText(`${alice.username}/${name}`)
    await expect(page.getByRole("main")).toContainText("Private")
  })

  test("a bad name comes back with its message and everything that was chosen", async ({ page, alice }) => {
    const form = createForm(page)
    await page.goto("/create")
    await form.name.fill("Bad Name")
    await form.description.fill("Kept")
    await form.publicly.check()
    await form.chooseHardware("Nvidia H100 GPU")
    await form.submit.click()
    await expectComplaint(form.name, /Enter a valid name/)
    await expect(form.name).toHaveValue("Bad Name")
    await expect(form.name).toBeFocused()
    await expect(form.description).toHaveValue("Kept")
    await expect(form.publicly).toBeChecked()
    await expect(form.hardwareNamed("Nvidia H100 GPU")).toBeChecked()
    expect(await alice.modelNames()).toEqual([])
  })
})

test("2. keyboard alone leads from the header to the created model, and the focus is always to be seen", async ({
  page,
  alice,
}) => {
  const form = createForm(page)
  const name = uniqueName("keys")
  await page.goto("/")
  const tabTo = async (reached: () => Promise<boolean>) => {
    for (let presses = 0; presses < 80; presses++) {
      await page.keyboard.press("Tab")
      expect(await focusIsVisible(page), "the focus is visible").toBe(true)
      if (await reached()) return
    }
    throw new Error("Never reached with the Tab key.")
  }
  const isFocused = (locator: ReturnType<Page["locator"]>) => async () =>
    locator.evaluate((element) => element === document.activeElement)

  await tabTo(isFocused(page.getByRole("banner").getByRole("link", { name: "New model" })))
  await page.keyboard.press("Enter")
  await expect(page).toHaveURL("/create")
  await expect(form.name).toBeVisible()
  await expect(form.name).toBeFocused()
  await page.keyboard.type(name)
  await tabTo(isFocused(form.privately))
  await page.keyboard.press("ArrowLeft")
  await expect(form.publicly).toBeChecked()
  await tabTo(isFocused(form.hardwareNamed("Nvidia T4 GPU")))
  await page.keyboard.press("ArrowDown")
  await expect(form.hardwareNamed("Nvidia L40S GPU")).toBeChecked()
  await tabTo(isFocused(form.submit))
  await page.keyboard.press("Enter")
  await expect(page).toHaveURL(`/${alice.username}/${name}`)
})

const focusIsVisible = (page: Page) =>
  page.evaluate(() => {
    const seen = (element: Element | null): boolean => {
      if (!element || element === document.body) return false
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none"
    }
    const focused = document.activeElement
    return (
      focused === document.body ||
      seen(focused) ||
      seen(focused?.closest("label") ?? null) ||
      seen(focused?.closest("tr") ?? null)
    )
  })

test("3. an address pre-fills the form, what cannot be used is explained, and nothing is created by looking", async ({
  page,
  alice,
}) => {
  const form = createForm(page)
  await page.goto(
    `/create?owner=${alice.username}&name=hotdog&description=Tells&visibility=public&hardware=gpu-h100&github_url=https://github.com/a/b`,
  )
  await expect(form.name).toHaveValue("hotdog")
  await expect(form.description).toHaveValue("Tells")
  await expect(form.publicly).toBeChecked()
  await expect(form.hardwareNamed("Nvidia H100 GPU")).toBeChecked()
  await expect(form.link("GitHub URL")).toHaveValue("https://github.com/a/b")

  const answer = await page.goto(
    `/create?owner=somebody-else&name=Bad%20Name&visibility=secret&hardware=gpu-l40s-8x&name=second&x=${"y".repeat(5000)}`,
  )
  expect(answer!.status()).toBe(200)
  const main = page.getByRole("main")
  await expect(main).toContainText("You cannot create models for “somebody-else”")
  await expect(main).toContainText("“secret” is not a visibility")
  await expect(main).toContainText("gpu-l40s-8x is not available")
  await expectComplaint(form.name, /Enter a valid name/)
  await expect(form.privately).toBeChecked()
  expect(await alice.modelNames()).toEqual([])
})

test.describe("4. the name says how it stands", () => {
  for (const [typed, reason] of [
    ["..", /Start with a letter or number/],
    ["a".repeat(199), /at most 100 characters; this one has 199/],
    ["ünïcode", /Use lowercase letters, numbers/],
  ] as const)
    test(`${typed.slice(0, 12)} is refused while it is typed, with the reason`, async ({ page, alice }) => {
      const form = createForm(page)
      await page.goto("/create")
      await form.name.fill(typed)
      await expectComplaint(form.name, reason)
      expect(alice.username).toBeTruthy()
    })

  test("after undoing and discarding, the focus is in the name", async ({ page, alice }) => {
    const form = createForm(page)
    await page.goto("/create")
    await form.name.pressSequentially("Hot Dog")
    await page.getByRole("button", { name: "Undo" }).click()
    await expect(form.name).toBeFocused()
    await page.reload()
    await page.getByRole("button", { name: "Discard draft" }).click()
    await expect(form.name).toBeFocused()
    expect(alice.username).toBeTruthy()
  })

  test("empty, invalid, free and taken, with free names to take instead", async ({ page, alice }) => {
    const form = createForm(page)
    const taken = await alice.createModel()
    await page.goto("/create")
    await form.submit.click()
    await expectComplaint(form.name, /Enter a name\./)

    await form.name.fill("-x")
    await expectComplaint(form.name, /Enter a valid name/)
    await form.name.fill(uniqueName("free"))
    await expect(status(page)).toContainText("Available.")
    await expect(form.name).not.toHaveAttribute("aria-invalid", "true")

    await form.name.fill(taken)
    await expect(status(page)).toContainText("Taken.")
    await expect(status(page).getByRole("link", { name: `${alice.username}/${taken}` })).toBeVisible()
    await page.getByRole("button", { name: `${taken}-2`, exact: true }).click()
    await expect(form.name).toHaveValue(`${taken}-2`)
    await expect(status(page)).toContainText("Available.")
  })

  test("no complaint while a legal name is still being typed", async ({ page, alice }) => {
    await page.goto("/create")
    const form = createForm(page)
    await form.name.pressSequentially("hot-")
    await expect(form.name).not.toHaveAttribute("aria-invalid", "true")
    expect(alice.username).toBeTruthy()
  })

  test("capitals and blanks are tidied to be seen, and that can be undone", async ({ page, alice }) => {
    await page.goto("/create")
    const form = createForm(page)
    await form.name.pressSequentially("Hot Dog")
    await expect(form.name).toHaveValue("hot-dog")
    await page.getByRole("button", { name: "Undo" }).click()
    await expect(form.name).toHaveValue("Hot Dog")
    await page.getByRole("button", { name: "hot-dog", exact: true }).click()
    await expect(form.name).toHaveValue("hot-dog")
    expect(alice.username).toBeTruthy()
  })

  test("a pasted reference or address is taken apart", async ({ page, alice, context, baseURL }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"])
    await page.goto("/create")
    const form = createForm(page)
    const host = new URL(baseURL!).host
    for (const [pasted, name] of [
      [`${alice.username}/one`, "one"],
      [`${baseURL}/${alice.username}/two/api`, "two"],
      [`${host}/${alice.username}/three`, "three"],
      [`r8.im/${alice.username}/four:0123abcd`, "four"],
      [" five\t\n", "five"],
      ["stranger/six", "six"],
    ] as const) {
      await form.name.fill("")
      await page.evaluate((text) => navigator.clipboard.writeText(text), pasted)
      await form.name.focus()
      await page.keyboard.press("Control+V")
      await expect(form.name).toHaveValue(name)
    }
    await expect(page.getByRole("main")).toContainText("you cannot create models for stranger")
  })

  test("what is told meanwhile moves no button that is being pressed", async ({ page, alice }) => {
    const form = createForm(page)
    const taken = await alice.createModel()
    // Narrow enough that messages wrap onto lines of their own, and tall enough that scrolling cannot compensate for a
    // shift.
    await page.setViewportSize({ width: 360, height: 4600 })
    await page.goto("/create")
    for (const [name, answer] of [
      ["-x", /Enter a valid name/],
      [taken, /already exists/],
    ] as const) {
      await form.name.fill("")
      await form.name.pressSequentially(name)
      const { x, y } = (await form.submit.boundingBox())!
      await page.mouse.move(x + 20, y + 3)
      await page.mouse.down()
      await page.waitForTimeout(900)
      expect((await form.submit.boundingBox())!.y, name).toBe(y)
      await page.mouse.up()
      await expectComplaint(form.name, answer)
    }
  })

  test("an answer that comes late never wins, and no answer never blocks", async ({ page, alice, noise }) => {
    noise.allow(/Failed to load resource/, /failed: GET .*model-name/)
    const taken = await alice.createModel()
    const form = createForm(page)
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    await page.route(`**/api/web/model-name?*name=${taken}`, async (route) => {
      const response = await route.fetch()
      await held
      await route.fulfill({ response }).catch(() => {})
    })
    await page.goto("/create")
    const asked = page.waitForRequest(`**/api/web/model-name?*name=${taken}`)
    await form.name.fill(taken)
    await asked
    await form.name.fill(`${taken}-free`)
    await expect(status(page)).toContainText("Available.")
    release()
    await page.waitForTimeout(100)
    await expect(status(page)).toContainText("Available.")

    await page.route("**/api/web/model-name?*", (route) => route.abort())
    const name = uniqueName("unchecked")
    await form.name.fill(name)
    await expect(status(page)).toContainText("Availability could not be checked")
    await form.submit.click()
    await expect(page).toHaveURL(`/${alice.username}/${name}`)
  })
})

test("5. two tabs with the same name: one creates it, the other is told at the field and loses nothing", async ({
  page,
  alice,
  openPage,
}) => {
  const name = uniqueName("race")
  const other = await openPage({ as: alice })
  for (const tab of [page, other]) {
    await tab.goto("/create")
    await createForm(tab).name.fill(name)
    await createForm(tab).description.fill("mine")
  }
  await Promise.all([page, other].map((tab) => createForm(tab).submit.click()))
  const settled = (tab: Page) => async () =>
    new URL(tab.url()).pathname !== "/create" || (await tab.locator("#name-error").count()) > 0
  for (const tab of [page, other]) await expect.poll(settled(tab)).toBe(true)

  const losers = [page, other].filter((tab) => new URL(tab.url()).pathname === "/create")
  expect(losers).toHaveLength(1)
  const form = createForm(losers[0]!)
  await expectComplaint(form.name, /already exists/)
  await expect(form.name).toBeFocused()
  await expect(form.description).toHaveValue("mine")
  expect(await alice.modelNames()).toEqual([name])

  await expect(status(losers[0]!).getByRole("link", { name: `${alice.username}/${name}` })).toBeVisible()
  await losers[0]!.getByRole("button", { name: `${name}-2`, exact: true }).click()
  await expect(form.name).toHaveValue(`${name}-2`)
  await expect(status(losers[0]!)).toContainText("Available.")
})

test("6. a double click creates one model", async ({ page, alice }) => {
  const form = createForm(page)
  const name = uniqueName("twice")
  await page.goto("/create")
  await form.name.fill(name)
  await form.submit.dblclick()
  await expect(page).toHaveURL(`/${alice.username}/${name}`)
  expect(await alice.modelNames()).toEqual([name])

  // The success message appears once, with the next steps.
  const created = page.getByRole("status").filter({ hasText: `Created ${alice.username}/${name}` })
  await expect(created.getByRole("button", { name: "Copy the address" })).toBeVisible()
  await expect(created.getByRole("link", { name: "Push a version" })).toHaveAttribute("href", "#next-steps")
  await expect(created.getByRole("link", { name: "Write a README" })).toHaveAttribute(
    "href",
    `/${alice.username}/${name}/settings#readme`,
  )
  await page.reload()
  await expect(page.getByRole("heading", { name: "Push the first version" })).toBeVisible()
  await expect(created).toHaveCount(0)
})

test("6. the same post sent eight times creates one model and always leads to it", async ({
  openPage,
  alice,
  baseURL,
  noise,
}) => {
  noise.allow(/^failed: GET .*\.js csp$/)
  const page = await openPage({ as: alice, javaScriptEnabled: false })
  const name = uniqueName("resent")
  await page.goto("/create")
  const hidden = await page
    .locator("main form input[type=hidden]")
    .evaluateAll((inputs) =>
      inputs.map((input) => [(input as HTMLInputElement).name, (input as HTMLInputElement).value]),
    )
  const post = () =>
    alice.request.post("/create", {
      headers: { origin: baseURL! },
      multipart: { ...Object.fromEntries(hidden), owner: alice.username, name, visibility: "private", hardware: "cpu" },
      maxRedirects: 0,
    })
  const answers = await Promise.all(Array.from({ length: 8 }, post))
  expect(new Set(answers.map((answer) => `${answer.status()} ${answer.headers().location}`))).toEqual(
    new Set([`303 /${alice.username}/${name}?created=1`]),
  )
  expect(await alice.modelNames()).toEqual([name])
})

test("7. the owners are oneself, organizations, and those where one may not create, with the reason", async ({
  page,
  alice,
  bob,
  openPage,
}) => {
  const [mine, bobs] = [uniqueName("mine"), uniqueName("bobs")]
  const host = await openPage({ as: bob })
  for (const [tab, organization] of [
    [page, mine],
    [host, bobs],
  ] as const) {
    await tab.goto("/organizations/create")
    await tab.getByLabel("Name", { exact: true }).fill(organization)
    await tab.getByRole("button", { name: "Create organization" }).click()
    await tab.waitForURL(`**/organizations/${organization}/members`)
  }
  await host.getByLabel("Username").fill(alice.username)
  await host.getByRole("region", { name: "Invite" }).getByLabel("Role").first().selectOption("viewer")
  await host.getByRole("button", { name: "Invite", exact: true }).click()
  await expect(host.getByText(`${alice.username} was invited`)).toBeVisible()
  await page.goto("/organizations")
  await page.getByRole("button", { name: `Join ${bobs}` }).click()
  await expect(page.getByText(`You are now a member of ${bobs}`)).toBeVisible()

  const taken = await alice.createModel()
  await page.goto(`/create?owner=${mine}`)
  const form = createForm(page)
  await expect(form.owner).toHaveValue(mine)
  const closed = form.owner.locator(`option[value="${bobs}"]`)
  await expect(closed).toBeDisabled()
  await expect(closed).toContainText("You are a viewer")

  const figure = (label: string) => page.locator("dl > div", { hasText: label }).locator("dd")
  await form.name.fill(taken)
  await expect(status(page)).toContainText("Available.")
  await expect(figure("Paid by")).toHaveText(mine)
  await expect(figure("Visible to")).toHaveText(`Members of ${mine}`)
  await form.owner.selectOption(alice.username)
  await expect(status(page)).toContainText("Taken.")
  await expect(figure("Paid by")).toHaveText(alice.username)
  await expect(figure("Visible to")).toHaveText("Only you")

  // An owner in the URL for whom one may not create models is explained.
  await page.goto(`/create?owner=${bobs}&name=x`)
  await expect(page.getByRole("main")).toContainText(`You cannot create models for “${bobs}”`)
  await expect(form.owner).toHaveValue(alice.username)
})

test("8. asking about a name of somebody else's tells nothing", async ({ alice, bob }) => {
  const secret = await bob.createModel({ visibility: "private" })
  const ask = async (owner: string, name: string) => {
    const answer = await alice.request.get(`/api/web/model-name?${new URLSearchParams({ owner, name })}`)
    return `${answer.status()} ${await answer.text()}`
  }
  const answers = new Set([
    await ask(bob.username, secret),
    await ask(bob.username, "free"),
    await ask("nobody-here", "x"),
    await ask("", ""),
  ])
  expect([...answers]).toEqual([
    '403 {"title":"Forbidden","detail":"You cannot create models for this owner.","status":403}',
  ])
})

test("9. the costs shown are those of the catalogue, for every SKU", async ({ page, alice }) => {
  const form = createForm(page)
  await page.goto("/create")
  const closed = catalogue.filter(({ selectable_for }) => !(selectable_for as string[]).includes("model"))
  await expect(page.getByText(`Not available here (${closed.length})`)).toBeVisible()
  await expect(form.hardwareNamed(closed[0]!.name)).toBeHidden()
  await form.showAllHardware()
  await form.showSummary()
  const figure = (label: string) => page.locator("dl > div", { hasText: label }).locator("dd")
  for (const { name, usd_per_second, selectable_for } of catalogue) {
    const radio = form.hardwareNamed(name)
    if (!(selectable_for as string[]).includes("model")) {
      await expect(radio).toBeDisabled()
      await expect(radio).toHaveAccessibleDescription(/Not in this fleet yet/)
      continue
    }
    const micros = Math.round(Number(usd_per_second) * 1e6)
    const dollars = (times: number) => {
      const [whole, rest] = ((micros * times) / 1e6).toFixed(6).split(".") as [string, string]
      return `$${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${rest.replace(/0{1,4}$/, "")}`
    }
    await radio.check()
    await form.privately.check()
    await expect(figure("Active second")).toHaveText(`$${usd_per_second}`)
    await expect(figure("1,000 runs at")).toHaveText(dollars(5000))
    await expect(figure("Cold start")).toHaveText(dollars(60))
    await expect(figure("Idle time after a run")).toHaveText(dollars(300))
    await expect(figure("If it never stops")).toHaveText(`${dollars(3600 * 730)} / month`)
    await form.publicly.check()
    await expect(figure("If it never stops")).toHaveCount(0)
  }
  await page.getByLabel("Seconds per run").fill("12")
  await form.chooseHardware("CPU")
  await expect(figure("1,000 runs at")).toHaveText("$1.20")
  expect(alice.username).toBeTruthy()
})

test("9. all of the summary is reached on a low screen, without leaving the place in the form", async ({
  page,
  alice,
}) => {
  await page.setViewportSize({ width: 1366, height: 560 })
  await page.goto(`/create?name=low&description=${"d".repeat(60)}&github_url=https://github.com/${alice.username}/low`)
  const summary = page.getByRole("complementary", { name: "Cost and access" })
  const link = summary.getByRole("button", { name: "Copy link to this form" })
  await createForm(page).hardwareNamed("Nvidia T4 GPU").scrollIntoViewIfNeeded()
  await createForm(page).showSummary()
  const { x, y } = (await summary.boundingBox())!
  const place = await page.evaluate(() => scrollY)
  await expect(link).not.toBeInViewport()
  await page.mouse.move(x + 40, y + 40)
  await page.mouse.wheel(0, 3000)
  await expect(link).toBeInViewport()
  expect(await page.evaluate(() => scrollY)).toBe(place)
})

test("9. on a phone name, visibility and price stand beside the button, which is always in reach", async ({
  page,
  alice,
}) => {
  const form = createForm(page)
  await page.setViewportSize({ width: 360, height: 740 })
  await page.goto("/create")
  await form.name.fill("in-reach")
  await form.chooseHardware("Nvidia T4 GPU")
  const bar = form.submit.locator("..")
  await expect(bar).toContainText(`${alice.username}/in-reach`)
  await expect(bar).toContainText("Private · $0.000225/s")
  await expect(form.submit).toBeInViewport()
  await form.publicly.check()
  await expect(bar).toContainText("Public")
  await page.mouse.wheel(0, -5000)
  await expect(form.submit).toBeInViewport()
})

test("9. on a desktop the button is in view when the page opens, and there is one of its name", async ({
  page,
  alice,
}) => {
  await page.setViewportSize({ width: 1280, height: 860 })
  await page.goto("/create")
  await expect(createForm(page).submit).toHaveCount(1)
  await expect(createForm(page).submit).toBeInViewport()
  await expect(createForm(page).name).toBeFocused()
  expect(alice.username).toBeTruthy()
})

test("9. the price per hour follows the hardware", async ({ page, alice }) => {
  const form = createForm(page)
  await page.goto("/create")
  await form.chooseHardware("Nvidia T4 GPU")
  await expect(page.locator("dl > div", { hasText: "Price per hour" }).locator("dd")).toHaveText("$0.81")
  expect(alice.username).toBeTruthy()
})

test("10. the cURL that is shown creates, run as it is, what the button would", async ({ page, alice }) => {
  const form = createForm(page)
  const name = uniqueName("curl")
  await page.goto("/create")
  await form.name.fill(name)
  await form.description.fill(`It's a "quoted" $HOME \`test\` – ü`)
  await form.chooseHardware("Nvidia L40S GPU")
  await form.showSummary()
  const code = await page.getByRole("region", { name: "Create this model with cURL" }).innerText()
  const { stdout } = await run("bash", ["-c", code], {
    env: { ...process.env, REPLICATE_API_TOKEN: await alice.token() },
  })
  const { url: _, created_at: __, ...byCurl } = JSON.parse(stdout)

  await form.name.fill(`${name}-form`)
  await form.submit.click()
  await expect(page).toHaveURL(`/${alice.username}/${name}-form`)
  const answer = await alice.request.get(`/v1/models/${alice.username}/${name}-form`, {
    headers: { authorization: `Bearer ${await alice.token()}` },
  })
  expect(await answer.json()).toMatchObject({ ...byCurl, name: `${name}-form` })
})

test("11. the API tells its refusals apart", async ({ alice, bob }) => {
  const name = await alice.createModel()
  const create = async (data: object, token: string | undefined) => {
    const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
    const answer = await alice.request.post("/v1/models", { data, headers })
    return { status: answer.status(), body: await answer.json() }
  }
  const input = { owner: alice.username, name, visibility: "public", hardware: "cpu" }
  expect(await create({ ...input, hardware: "gpu-z80" }, await alice.token())).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/hardware" }] },
  })
  const taken = await create(input, await alice.token())
  expect(taken.status).toBe(409)
  expect(taken.body.errors[0].detail).toMatch(/name and owner already exists/)
  expect((await create(input, "us_wrong")).status).toBe(401)
  expect((await create(input, undefined)).status).toBe(401)
  expect((await create(input, await bob.token())).status).toBe(403)
})

/** The drafts that the scripts have kept so far. */
const draftOn = (page: Page) => page.evaluate(() => Object.values(sessionStorage).join())

test.describe("12. a draft", () => {
  test("survives a reload and a side trip, can be discarded, and is gone once the model exists", async ({
    page,
    alice,
  }) => {
    const form = createForm(page)
    const name = uniqueName("draft")
    await page.goto("/create")
    await form.name.fill(name)
    await form.publicly.check()
    await form.chooseHardware("CPU")
    await expect.poll(() => draftOn(page)).toContain('"hardware":"cpu"')
    await page.reload()
    await expect(form.name).toHaveValue(name)
    await page.goto("/pricing")
    await page.goto("/create")
    await expect(form.name).toHaveValue(name)
    await expect(form.publicly).toBeChecked()
    await expect(form.hardwareNamed("CPU")).toBeChecked()

    await page.getByRole("button", { name: "Discard draft" }).click()
    await expect(form.name).toHaveValue("")
    await page.reload()
    await expect(form.name).toHaveValue("")

    await form.name.fill(name)
    await form.submit.click()
    await expect(page).toHaveURL(`/${alice.username}/${name}`)
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible()
    await page.goto("/create")
    await expect(form.name).toHaveValue("")
  })

  test("typed over what an address filled in comes back at that address, and nowhere over what another filled in", async ({
    page,
    alice,
  }) => {
    const form = createForm(page)
    const link = "/create?name=from-a-link&description=From+a+link.&hardware=cpu"
    await page.goto(link)
    await form.name.fill("typed-over-it")
    // Hydration between the selection and the deletion would clear the selection.
    await expect.poll(() => draftOn(page)).toMatch(/"typed-over-it"/)
    await form.description.fill("")
    await expect.poll(() => draftOn(page)).toMatch(/"typed-over-it".*"description":""/)
    await page.reload()
    await expect(form.name).toHaveValue("typed-over-it")
    await expect(form.description).toHaveValue("")
    await expect(form.hardwareNamed("CPU")).toBeChecked()

    await page.goto("/create?name=another-link")
    await expect(form.name).toHaveValue("another-link")
    await page.goto(link)
    await expect(form.name).toHaveValue("typed-over-it")
    await page.getByRole("button", { name: "Discard draft" }).click()
    await expect(form.name).toHaveValue("from-a-link")
    await page.reload()
    await expect(form.name).toHaveValue("from-a-link")
    expect(await alice.modelNames()).toEqual([])
  })

  test("that was taken back by hand does not come back by itself", async ({ page, alice }) => {
    const form = createForm(page)
    await page.goto("/create")
    await form.name.pressSequentially(alice.username.slice(0, 3))
    for (let at = 0; at < 3; at++) await page.keyboard.press("Backspace")
    await expect(form.name).toHaveValue("")
    await page.reload()
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible()
    await page.waitForLoadState("networkidle")
    await expect(form.name).toHaveValue("")
  })

  test("does not bring back what can no longer be chosen", async ({ page, alice }) => {
    const form = createForm(page)
    await page.goto("/create")
    await form.name.fill("older-than-the-fleet")
    await form.publicly.check()
    await expect.poll(() => draftOn(page)).toContain('"visibility":"public"')
    await page.evaluate((key) => {
      const draft = JSON.parse(sessionStorage.getItem(key)!)
      sessionStorage.setItem(
        key,
        JSON.stringify({ ...draft, values: { ...draft.values, owner: "left-behind", hardware: "gpu-h100-8x" } }),
      )
    }, `understudy.create-draft.${alice.username}`)
    await page.reload()
    await expect(form.name).toHaveValue("older-than-the-fleet")
    await expect(form.publicly).toBeChecked()
    await expect(form.owner).toHaveValue(alice.username)
    await expect(form.hardwareNamed("Nvidia T4 GPU")).toBeChecked()
  })

  test("survives a session that ended before the form was sent", async ({ page, alice, context, noise }) => {
    noise.allow(/status of 401 .*model-name/)
    const form = createForm(page)
    await page.goto("/create")
    await form.name.fill("kept-over-sign-in")
    await form.description.fill("Kept, too")
    await context.clearCookies()
    await form.submit.click()
    await expect(page).toHaveURL(/\/signin\?next=/)
    await expect(page.getByRole("status").filter({ hasText: "Your session ended" })).toContainText(
      "Sign in again. What you typed is kept.",
    )
    const header = page.getByRole("banner")
    await expect(header.getByRole("link", { name: "Sign in", exact: true })).toBeVisible()
    await expect(header.getByText("Your account")).toHaveCount(0)
    await expect(header.getByRole("link", { name: "New model" })).toHaveCount(0)
    await expect(page.getByLabel("Username", { exact: true })).toBeFocused()
    await page.getByLabel("Username", { exact: true }).fill(alice.username)
    await page.getByLabel("Password", { exact: true }).fill(alice.password)
    await page.getByRole("main").getByRole("button", { name: "Sign in", exact: true }).click()
    await expect(page).toHaveURL(/\/create/)
    await expect(form.name).toHaveValue("kept-over-sign-in")
    await expect(form.description).toHaveValue("Kept, too")
  })
})

test("13. the steps of an empty page tick themselves, a refusal is explained, and the first push turns the page without a reload", async ({
  page,
  alice,
  baseURL,
}) => {
  const name = await alice.createModel({ visibility: "private" })
  const repo = `${alice.username}/${name}`
  await page.goto(`/${repo}`)
  await page.evaluate(() => ((window as unknown as { stayed: boolean }).stayed = true))
  const steps = page.getByRole("region", { name: "Push the first version" })
  const step = (title: RegExp) => steps.getByRole("heading", { name: title })
  await expect(steps.getByRole("heading", { level: 3 })).toHaveText(["Set up", "Log in", "Push"])
  const current = steps.locator("[aria-current=step]")
  await expect(current).toContainText("Set up")
  await steps.getByRole("button", { name: "I have these" }).click()
  await expect(step(/^Set up \(done\)$/)).toBeVisible()
  await expect(steps.getByRole("tablist")).toHaveCount(0)
  await expect(current).toContainText("Log in")

  await steps.getByRole("button", { name: "Create token" }).click()
  const token = (await steps.getByRole("region", { name: "Push token" }).innerText()).trim()
  expect(token).toMatch(/^us_\w{37}$/)
  await expect(steps.getByRole("region", { name: "Sign in with this token" })).toContainText(
    `echo ${token} | docker login`,
  )
  await expect(step(/^Log in \(done\)$/)).toBeVisible()
  await expect(current).toContainText("Push")
  expect(await dockerLogin(baseURL!, alice.username, token)).toBe(200)

  const progress = steps.getByRole("list", { name: "Push progress" })
  await expect(steps.getByText("Waiting for your push")).toBeVisible()
  await expect(progress).toHaveCount(0)
  expect((await plainPush(baseURL!, repo, alice.username, token, {})).status).toBe(400)
  await expect(steps.getByText("The image has no label run.cog.openapi_schema")).toBeVisible()
  await expect(progress).toContainText("Image received, with tag latest")
  await expect(step(/^Push$/)).toBeVisible()

  const { status, id } = await plainPush(baseURL!, repo, alice.username, token)
  expect(status).toBe(201)
  const main = page.getByRole("main")
  const arrived = main.getByRole("status").filter({ hasText: "Push complete" })
  await expect(arrived).toBeVisible()
  await expect(arrived.getByRole("link", { name: `Version ${id.slice(0, 12)}` })).toHaveAttribute(
    "href",
    `/${repo}/versions/${id}`,
  )
  await expect(steps).toHaveCount(0)
  await expect(page.getByRole("navigation", { name: "Model" }).getByRole("link", { name: "Playground" })).toBeVisible()
  const inputs = main.getByRole("region", { name: "Inputs" })
  await expect(inputs.getByRole("row", { name: /^prompt/ })).toContainText("What to draw")
  await expect(main.getByRole("region", { name: "Run this version" })).toContainText(`${repo}@sha256:${id}`)

  await expect(main.getByText("Nobody has pulled the image yet.")).toBeVisible()
  const image = `${baseURL}/v2/${repo}/manifests/sha256:${id}`
  const signedIn = {
    authorization: `Basic ${Buffer.from(`${alice.username}:${await alice.token()}`).toString("base64")}`,
  }
  expect((await fetch(image, { method: "HEAD", headers: signedIn })).status).toBe(200)
  expect((await fetch(image, { headers: signedIn })).status).toBe(200)
  await expect(main.getByText("The image was pulled.")).toBeVisible()
  expect(await page.evaluate(() => (window as unknown as { stayed?: boolean }).stayed)).toBe(true)
  await page.reload()
  await expect(main.getByRole("region", { name: "Run this version" })).toBeVisible()
  await expect(main.getByText("The image was pulled.")).toBeVisible()

  await main.getByRole("link", { name: id.slice(0, 12), exact: true }).click()
  await expect(page).toHaveURL(new RegExp(`/versions/${id}$`))
  await expect(inputs.getByRole("row", { name: /^width/ })).toContainText("64 to 1024")
  await expect(inputs.getByRole("row", { name: /^scheduler/ })).toContainText("DDIM, K_EULER")
  await expect(page.getByText("List of files")).toBeVisible()
})

test.describe("14. everybody can use it", () => {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`axe finds nothing on the form, empty, refused and looked up, in ${colorScheme}`, async ({ page, alice }) => {
      await page.emulateMedia({ colorScheme })
      const form = createForm(page)
      const taken = await alice.createModel()
      await page.goto("/create")
      const violations = () => violationsOn(page)
      expect(await violations()).toEqual([])
      await form.more.click()
      await form.link("GitHub URL").fill("nonsense")
      await form.submit.click()
      await expectComplaint(form.name, /Enter a name\./)
      expect(await violations()).toEqual([])
      await form.name.fill(taken)
      await expect(status(page)).toContainText("Taken.")
      expect(await violations()).toEqual([])
    })
  }

  test("nothing scrolls sideways at 320 pixels or at four times the size", async ({ page, alice }) => {
    for (const width of [320, 1280 / 4]) {
      await page.setViewportSize({ width, height: 640 })
      await page.goto(`/create?name=${"x".repeat(100)}`)
      await expect(createForm(page).submit).toBeVisible()
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
      ).toBe(0)
    }
    expect(alice.username).toBeTruthy()
  })
})

test("15. nothing that is sent to browsers carries another product's mark, font or colours", async ({ request }) => {
  const folder = ".next/static"
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.(js|css|svg|html)$/.test(file))
  expect(files.length).toBeGreaterThan(10)
  const foreign =
    /r8\.im|\br8_|text-r8-|bg-r8-|#ea2804|replicate\.delivery|replicate\.com|JetBrains|fonts\.g(oogle|static)/i
  for (const file of files) expect(await readFile(path.join(folder, file), "utf8"), file).not.toMatch(foreign)
  for (const page of ["/", "/explore", "/pricing", "/signin", "/docs/api"])
    expect(await (await request.get(page)).text(), page).not.toMatch(foreign)
})
