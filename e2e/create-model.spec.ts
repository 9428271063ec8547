import { createForm, credentials, expectComplaint } from "./forms"
import { expect, holdScripts, test, uniqueName, type Account, type Page } from "./fixtures"

const heading = (page: Page) => page.getByRole("main").getByRole("heading", { level: 1 })

async function expectModelPage(page: Page, account: Pick<Account, "username">, name: string) {
  await expect(page).toHaveURL(`/${account.username}/${name}`)
  await expect(heading(page)).toHaveText(`${account.username}/${name}`)
}

test("somebody new signs up, creates a model and lands on its page", async ({ page }) => {
  const [username, name] = [uniqueName("new"), uniqueName("hotdog")]
  await page.goto("/create")
  await page.getByRole("main").getByRole("link", { name: "Create an account" }).click()
  await expect(page.getByRole("heading", { name: "Create account" })).toBeVisible()
  await credentials(page).fill(username, "correct horse battery")
  await credentials(page).createAccount.click()

  await expect(heading(page)).toHaveText("Create a model")
  const form = createForm(page)
  await expect(form.owner).toHaveValue(username)
  await expect(form.privately).toBeChecked()
  await form.name.fill(name)
  await form.description.fill("Tells hotdogs from everything else")
  await form.publicly.check()
  await form.chooseHardware("Nvidia A40 (Large) GPU")
  await form.more.click()
  await form.link("GitHub URL").fill("https://github.com/example/hotdog")
  await form.submit.click()

  await expectModelPage(page, { username }, name)
  const main = page.getByRole("main")
  await expect(main).toContainText("Tells hotdogs from everything else")
  await expect(main).toContainText("Public")
  await expect(main).toContainText("Nvidia A40 (Large) GPU")
  await expect(main.getByRole("link", { name: "GitHub" })).toHaveAttribute("href", "https://github.com/example/hotdog")
  await expect(page).toHaveTitle(`${username}/${name} · Understudy`)
})

test("visibility and hardware are chosen from the start, so a name alone makes a private model", async ({
  page,
  alice,
}) => {
  const name = uniqueName("plain")
  await page.goto("/create")
  await createForm(page).name.fill(name)
  await createForm(page).submit.click()

  await expectModelPage(page, alice, name)
  await expect(page.getByRole("main")).toContainText("Private")
})

test("on a small desktop screen the button to create is in view without scrolling", async ({ page, alice }) => {
  await page.setViewportSize({ width: 1280, height: 720 })
  await page.goto("/create")
  const form = createForm(page)
  await expect(form.owner).toHaveValue(alice.username)
  await expect(form.name).toBeFocused()
  await expect(form.submit).toBeInViewport({ ratio: 0.9 })
  expect(await page.evaluate(() => scrollY)).toBe(0)
})

test.describe("a refusal loses nothing, leads to the first problem and says it at the field", () => {
  type Case = { rule: string; field: "name" | "description" | `${string} URL`; value: string; message: RegExp }
  const cases: Case[] = [
    { rule: "no name", field: "name", value: "", message: /Enter a name\./ },
    {
      rule: "a name that begins with a dash",
      field: "name",
      value: "-hotdog",
      message: /Enter a valid name\..*may not start or end with a dash/,
    },
    {
      rule: "a name with a letter that is not allowed",
      field: "name",
      value: "hotdög",
      message: /only lowercase letters, numbers, dashes, underscores, or periods/,
    },
    { rule: "a name of 101 characters", field: "name", value: "a".repeat(101), message: /at most 100 characters/ },
    {
      rule: "a description of 501 characters",
      field: "description",
      value: "d".repeat(501),
      message: /at most 500 characters/,
    },
    {
      rule: "a GitHub link that is none",
      field: "GitHub URL",
      value: "github.com/example",
      message: /starts with https:\/\/ or http:\/\//,
    },
    {
      rule: "a cover image that is a script",
      field: "Cover image URL",
      value: "javascript:alert(1)",
      message: /starts with https:\/\/ or http:\/\//,
    },
    {
      rule: "a license link of 2,001 characters",
      field: "License URL",
      value: `https://example.com/${"l".repeat(1981)}`,
      message: /at most 2,000 characters/,
    },
  ]

  for (const { rule, field, value, message } of cases) {
    test(rule, async ({ page, alice }) => {
      await page.goto("/create")
      const form = createForm(page)
      const control = field === "name" || field === "description" ? form[field] : form.link(field)
      await form.name.fill(uniqueName("kept"))
      await form.description.fill("Kept")
      await form.publicly.check()
      await form.chooseHardware("CPU")
      await form.more.click()
      await form.link("Paper URL").fill("https://example.com/paper")
      await control.fill(value)
      await form.submit.click()

      await expectComplaint(control, message)
      await expect(control).toBeFocused()
      await expect(control).toHaveValue(value)
      if (field !== "description") await expect(form.description).toHaveValue("Kept")
      await expect(form.link("Paper URL")).toHaveValue("https://example.com/paper")
      await expect(form.publicly).toBeChecked()
      await expect(form.hardwareNamed("CPU")).toBeChecked()
      expect(await alice.modelNames()).toEqual([])
    })
  }

  test("a name that is already used", async ({ page, alice }) => {
    const name = await alice.createModel()
    await page.goto("/create")
    const form = createForm(page)
    await form.name.fill(name)
    await form.description.fill("Kept")
    await form.publicly.check()
    await form.submit.click()

    await expectComplaint(form.name, /already/i)
    await expect(form.name).toBeFocused()
    await expect(form.name).toHaveValue(name)
    await expect(form.description).toHaveValue("Kept")
    await expect(form.publicly).toBeChecked()

    const other = uniqueName("other")
    await form.name.fill(other)
    await form.submit.click()
    await expectModelPage(page, alice, other)
  })

  test("a wrong link in the closed More part opens it", async ({ page, alice }) => {
    await page.goto("/create")
    const form = createForm(page)
    await form.name.fill(uniqueName("linked"))
    await form.more.click()
    await form.link("Paper URL").fill("not a link")
    await form.more.click()
    await expect(form.link("Paper URL")).toBeHidden()
    await form.submit.click()

    await expect(form.link("Paper URL")).toBeVisible()
    await expectComplaint(form.link("Paper URL"), /starts with https/)
    expect(await alice.modelNames()).toEqual([])
  })

  test("links are told apart in the summary, and one problem alone is listed too", async ({ page, alice }) => {
    await page.goto("/create")
    const form = createForm(page)
    await form.name.fill(uniqueName("links"))
    await form.more.click()
    for (const label of ["GitHub URL", "Paper URL", "License URL"]) await form.link(label).fill("nonsense")
    await form.submit.click()
    const listed = page.getByRole("main").getByRole("link", { name: /starts with https/ })
    await expect(listed).toHaveText([/^GitHub URL: /, /^Paper URL: /, /^License URL: /])
    for (const label of ["GitHub URL", "Paper URL"]) await form.link(label).fill("")
    await expect(listed).toHaveText([/^License URL: /])
    expect(await alice.modelNames()).toEqual([])
  })

  test("several problems are listed, each leading to its field", async ({ page, alice }) => {
    await page.goto("/create")
    const form = createForm(page)
    await form.description.fill("d".repeat(501))
    await form.submit.click()

    await expectComplaint(form.name, /Enter a name/)
    await expectComplaint(form.description, /at most 500/)
    await expect(form.name).toBeFocused()
    await page
      .getByRole("main")
      .getByRole("link", { name: /at most 500/ })
      .click()
    await expect(form.description).toBeFocused()
    expect(await alice.modelNames()).toEqual([])
  })
})

test("hardware that cannot be had cannot be chosen, and says why", async ({ page, alice }) => {
  await page.goto("/create")
  await createForm(page).showAllHardware()
  const closed = createForm(page).hardwareNamed("8x Nvidia H100 GPU")
  await expect(closed).toBeDisabled()
  await expect(closed).toHaveAccessibleDescription(/\w+ .*\./)
  await page.getByText("8x Nvidia H100 GPU", { exact: true }).click({ force: true })
  await expect(closed).not.toBeChecked()
  expect(alice.username).toBeTruthy()
})

test("the classic hardware of the documentation can be chosen by its name", async ({ page, alice }) => {
  await page.goto("/create")
  const form = createForm(page)
  for (const name of ["CPU", "Nvidia T4 GPU", "Nvidia A40 GPU", "Nvidia A40 (Large) GPU"]) {
    await form.chooseHardware(name)
    await expect(form.hardware.getByRole("radio", { checked: true })).toHaveCount(1)
  }
  expect(alice.username).toBeTruthy()
})

test("the request shown beside the form follows it and creates the same model", async ({ page, alice }) => {
  await page.goto("/create")
  const form = createForm(page)
  await form.name.fill("hotdog")
  await form.publicly.check()
  await form.chooseHardware("Nvidia T4 GPU")
  await form.showSummary()
  const code = page.getByRole("region", { name: "Create this model with cURL" })
  await expect(code).toContainText('"name": "hotdog"')
  await expect(code).toContainText('"visibility": "public"')
  await expect(code).toContainText('"hardware": "gpu-t4"')
  await expect(code).toContainText(`"owner": "${alice.username}"`)
})

test("an unnamed form shows a request with a name to replace, and the counter of the description counts", async ({
  page,
  alice,
}) => {
  await page.goto("/create")
  const form = createForm(page)
  await form.showSummary()
  await expect(page.getByRole("region", { name: "Create this model with cURL" })).toContainText('"name": "my-model"')
  await expect(page.getByText("Replace my-model with your model’s name.")).toBeVisible()
  await form.description.fill("twelve chars")
  await expect(page.getByText("12 / 500")).toBeVisible()
  expect(alice.username).toBeTruthy()
})

test("where there is no keyboard, no shortcut is offered", async ({ page, alice, openPage }) => {
  const hint = (where: typeof page) => where.getByText("or press")
  const tablet = await openPage({ as: alice, hasTouch: true, isMobile: true, viewport: { width: 1280, height: 800 } })
  await tablet.goto("/create")
  await expect(createForm(tablet).submit).toBeVisible()
  await expect(hint(tablet)).toBeHidden()
  await page.goto("/create")
  await expect(hint(page)).toBeVisible()
})

test("what is typed into the create form before the scripts are here stays", async ({ page, alice }) => {
  const form = createForm(page)
  const name = uniqueName("early")
  const release = await holdScripts(page)
  await page.goto("/create", { waitUntil: "commit" })
  await form.name.fill(name)
  await form.description.fill("Typed early.")
  await page.getByLabel("Public", { exact: true }).check()
  await form.chooseHardware("CPU (Small)")
  release()
  await form.showSummary()
  // The example updates once scripts have loaded.
  const example = page.getByRole("tabpanel")
  for (const said of [name, '"visibility": "public"', '"hardware": "cpu-small"'])
    await expect(example).toContainText(said)
  await expect(form.name).toHaveValue(name)
  await expect(form.description).toHaveValue("Typed early.")
  await expect(page.getByLabel("Public", { exact: true })).toBeChecked()
  await form.submit.click()
  await expect(page).toHaveURL(`/${alice.username}/${name}`)
  await expect(page.getByText("Typed early.")).toBeVisible()
})

test("a name typed before the scripts are here, in place of one that was refused, is checked", async ({
  page,
  alice,
}) => {
  const form = createForm(page)
  const release = await holdScripts(page)
  await page.goto("/create", { waitUntil: "commit" })
  await form.submit.click()
  await expect(page.getByText("Enter a name.").first()).toBeVisible()
  await form.name.fill("a--")
  release()
  await expectComplaint(form.name, /Enter a valid name/)
  expect(await alice.modelNames()).toEqual([])
})

test.describe("the scripts of the create form are loaded when it is used:", () => {
  /** Opens the form, and holds its scripts until the returned function is called. */
  async function openHeld(page: Page) {
    await page.goto("/create", { waitUntil: "networkidle" })
    return holdScripts(page)
  }

  test("what is typed or pasted meanwhile is treated like what is typed later", async ({ page, alice }) => {
    const { name, owner, submit } = createForm(page)
    let release = await openHeld(page)
    await expect(name).toBeFocused()
    await page.keyboard.type("Hot Dog")
    await expect(name).toHaveValue("Hot Dog")
    release()
    await expect(name).toHaveValue("hot-dog")
    await expect(page.getByText("Changed to hot-dog.")).toBeVisible()
    await page.keyboard.type(" 2")
    await expect(name).toHaveValue("hot-dog-2")

    await page.evaluate(() => sessionStorage.clear())
    release = await openHeld(page)
    await name.fill(`https://replicate.com/${alice.username}/pasted`)
    release()
    await expect(name).toHaveValue("pasted")
    await expect(owner).toHaveValue(alice.username)
    await submit.click()
    await expectModelPage(page, alice, "pasted")
  })

  test("what is pressed meanwhile happens once they run", async ({ page, alice }) => {
    const { name, submit } = createForm(page)
    let release = await openHeld(page)
    await page.getByRole("link", { name: "New organization…" }).click()
    await expect(page).toHaveURL("/create")
    release()
    await expect(page.getByRole("dialog", { name: "New organization" })).toBeVisible()

    release = await openHeld(page)
    await page.keyboard.press("Control+k")
    release()
    await expect(page.getByRole("dialog", { name: "Command palette" })).toBeVisible()

    release = await openHeld(page)
    await submit.click()
    release()
    await expectComplaint(name, /Enter a name/)
    await expect(name).toBeFocused()

    release = await openHeld(page)
    await name.fill("unpressed")
    await page.getByRole("link", { name: "New organization…" }).focus()
    for (const early of [true, false]) {
      const [tab] = await Promise.all([
        page.context().waitForEvent("page", { timeout: 15_000 }),
        page.keyboard.press("Control+Enter"),
      ])
      await expect(tab).toHaveURL(/\/organizations\/create/)
      await tab.close()
      release()
      if (early) await expect(page.getByText(`/${alice.username}/unpressed`).first()).toBeAttached()
    }
    await expect(page).toHaveURL("/create")
    expect(await alice.modelNames()).toEqual([])

    release = await openHeld(page)
    await name.fill("pressed")
    await submit.dblclick()
    await name.press("Control+Enter")
    release()
    await expectModelPage(page, alice, "pressed")
    expect(await alice.modelNames()).toEqual(["pressed"])
  })

  test("if they do not arrive, the form works without them", async ({ page, alice, noise }) => {
    noise.allow(/^failed: GET .*\.js net::ERR_FAILED$/)
    noise.allow(/^console error: Failed to load resource: net::ERR_FAILED/)
    const { name, description, submit } = createForm(page)
    await page.goto("/create", { waitUntil: "networkidle" })
    await page.route(/\.js(\?|$)/, (route) => route.abort())
    await name.fill("without")
    await description.fill("Plain HTML.")
    await page.unrouteAll()
    await submit.click()
    await expectModelPage(page, alice, "without")
    await expect(page.getByText("Plain HTML.")).toBeVisible()
  })

  test("they are not loaded before, unless there is a draft", async ({ page, alice }) => {
    const { name } = createForm(page)
    const loaded: string[] = []
    page.on("request", (request) => request.resourceType() === "script" && loaded.push(request.url()))
    await page.goto("/create", { waitUntil: "networkidle" })
    const before = loaded.length
    await name.fill("drafted")
    await expect.poll(() => loaded.length).toBeGreaterThan(before)
    await expect(page.getByText("Address:")).toBeVisible()
    await page.goto("/create")
    await expect(page.getByText("Your draft was restored.")).toBeVisible()
    await expect(name).toHaveValue("drafted")
    expect(await alice.modelNames()).toEqual([])
  })
})

test("what an input method is putting together stays as it is until it is done, and is tidied then", async ({
  page,
  alice,
}) => {
  const { name } = createForm(page)
  const input = await page.context().newCDPSession(page)
  const compose = (text: string) =>
    input.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length })

  // Begun before any script runs, and continued while those of the form arrive.
  await page.addInitScript(() => {
    const listen = globalThis.addEventListener
    globalThis.addEventListener = (type: string, ...how: unknown[]) => {
      if (type === "compositionstart") document.documentElement.dataset.holds = "input"
      return Reflect.apply(listen, globalThis, [type, ...how])
    }
  })
  const holding = page.locator("html[data-holds]")
  const [pageMay, formMay] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  await page.route(/\.js/, async (route) => {
    await pageMay.promise
    if ((await holding.count()) > 0) await formMay.promise
    await route.continue()
  })
  await page.goto("/create", { waitUntil: "commit" })
  await expect(name).toBeFocused()
  await compose("Ho")
  pageMay.resolve()
  await expect(holding).toBeAttached()
  await compose("Hot Do")
  formMay.resolve()
  await page.waitForLoadState("networkidle")
  await expect(name).toHaveValue("Hot Do")
  await input.send("Input.insertText", { text: "Hot Dog" })
  await expect(name).toHaveValue("hot-dog")

  // Begun once they run.
  await name.fill("")
  await compose("Hot D")
  await expect(name).toHaveValue("Hot D")
  await input.send("Input.insertText", { text: "Hot Dog" })
  await expect(name).toHaveValue("hot-dog")
  await name.pressSequentially(" 2")
  await expect(name).toHaveValue("hot-dog-2")
  await createForm(page).submit.click()
  await expectModelPage(page, alice, "hot-dog-2")
})
