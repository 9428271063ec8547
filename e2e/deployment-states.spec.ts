import { expect, test, type Instance, type Page } from "./fixtures"
import { runScript } from "./run-script"
import { oddStates } from "./states"

// The deployment pages in all their states: what they show, and what can be done on them.

type Looker = { cookie: string; pages: Record<string, string>; hidden?: Record<string, string> }
type States = { mine: Looker; viewer: Looker; newcomer: Looker }

// One server and its states for both: what the second one creates comes after what the first one looks at.
test.describe.configure({ mode: "default" })
const made = new WeakMap<Instance, Promise<States>>()
function statesOn(server: Instance): Promise<States> {
  if (!made.has(server)) made.set(server, runScript<States>("deployment-states-data", server.data))
  return made.get(server)!
}

const main = (page: Page) => page.getByRole("main")

type Open = (options: { baseURL: string; permissions?: string[]; javaScriptEnabled?: boolean }) => Promise<Page>
async function openAs({ cookie }: Looker, openPage: Open, { origin }: Instance, options: object = {}): Promise<Page> {
  const page = await openPage({ baseURL: origin, ...options })
  await page.context().addCookies([{ name: "understudy.session", value: cookie, url: origin }])
  return page
}

test("axe finds nothing in any state of deployments, and nothing scrolls sideways", async ({
  sharedInstance,
  openPage,
  noise,
}) => {
  test.setTimeout(900_000)
  noise.allow(/status of 404/)
  const server = await sharedInstance()
  const states = await statesOn(server)
  const odd: string[] = []
  for (const looker of Object.values(states)) {
    const page = await openAs(looker, openPage, server)
    odd.push(...(await oddStates(page, looker.pages)), ...(await oddStates(page, looker.hidden ?? {}, 404)))
  }
  expect(odd).toEqual([])
})

test("states, metrics, releases and the estimate say what is so, with the keyboard too", async ({
  sharedInstance,
  openPage,
}) => {
  test.setTimeout(300_000)
  const server = await sharedInstance()
  const { mine, viewer } = await statesOn(server)
  const page = await openAs(mine, openPage, server, { permissions: ["clipboard-read", "clipboard-write"] })

  await test.step("the set-up log of an instance opens with the keyboard", async () => {
    await page.goto(mine.pages["deployment that sets up"]!)
    const row = main(page).getByRole("row", { name: /setting up/ })
    await row.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(row).toContainText("Downloading weights: 42 %")
  })

  await test.step("a canary says its share, and a failed rollout which release keeps serving and why", async () => {
    await page.goto(mine.pages["deployment with a canary"]!)
    await expect(main(page)).toContainText("10 % of the predictions go to it for 600 minutes")
    const releases = main(page).getByRole("region", { name: "Instances" }).locator("tbody td:nth-of-type(2)")
    expect((await releases.allTextContents()).toSorted()).toEqual(["1", "2"])
    await page.goto(mine.pages["deployment whose rollout failed"]!)
    await expect(main(page)).toContainText("The rollout of release 2 failed; release 1 keeps serving")
    await expect(main(page)).toContainText("FileNotFoundError: weights.safetensors")
    await page.goto(mine.pages["releases with a failed one"]!)
    await expect(main(page).getByRole("listitem").filter({ hasText: "Release 2" })).toContainText("failed")
  })

  await test.step("two releases stand side by side, with what breaks callers", async () => {
    await page.goto(mine.pages["releases, compared"]!)
    const compared = main(page).getByRole("region", { name: "Release 2 and release 4", exact: true })
    const cells = (setting: string) => compared.getByRole("row", { name: setting }).getByRole("cell")
    await expect(cells("Hardware")).toHaveText(["cpu-small", "cpu"])
    await expect(cells("Spare instances")).toHaveText(["0", "1"])
    await expect(cells("Maximum instances")).toHaveText(["5", "5"])
    await expect(compared).toContainText("1 breaking change")
    await expect(compared.getByRole("row", { name: /^Input style/ })).toContainText("breaking")
    await expect(compared.getByRole("row", { name: /^Input seed/ })).toContainText("compatible")
  })

  await test.step("metrics have ranges, pictures, a table that says the same, and an export", async () => {
    await page.goto(mine.pages["deployment that serves"]!)
    await expect(main(page).getByRole("tabpanel", { name: "Node.js" })).toContainText(
      'prompt: "A story about number 0"',
    )
    const metrics = main(page).getByRole("region", { name: "Metrics", exact: true })
    await expect(metrics.getByRole("img", { name: /^Cost over time: at most \$0\.0\d/ })).toBeVisible()
    await expect(
      metrics.getByRole("img", { name: /^Instances over time, on average: .* busy, .* idle, / }),
    ).toBeVisible()
    await metrics.locator("summary", { hasText: "As a table" }).focus()
    await page.keyboard.press("Enter")
    const table = metrics.getByRole("region", { name: "Metrics by time" })
    await expect(table.getByRole("row")).toHaveCount(25)
    for (const column of ["Latency, p50", "Latency, p99", "In the queue, p95", "Busy, average", "Cost"])
      await expect(table.getByRole("columnheader", { name: column })).toBeAttached()
    const requests = await table
      .getByRole("row")
      .evaluateAll((rows) =>
        rows.slice(1).reduce((sum, row) => sum + Number((row as HTMLTableRowElement).cells[1]!.textContent), 0),
      )
    expect(requests).toBe(60)

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      metrics.getByRole("link", { name: "CSV" }).click(),
    ])
    expect(download.suggestedFilename()).toBe("deployer-greeter-metrics.csv")
    const csv = await (await page.request.get(`${server.origin}/deployments/deployer/greeter/export?range=2h`)).text()
    const [head, ...lines] = csv
      .trim()
      .split("\r\n")
      .map((line) => line.split(","))
    expect(lines).toHaveLength(24)
    const total = (name: string) => lines.reduce((sum, line) => sum + Number(line[head!.indexOf(name)]), 0)
    expect([total("predictions"), total("failed")]).toEqual([60, 3])
    expect(total("usd")).toBeGreaterThan(0.1)
    expect(total("busy")).toBeCloseTo((18 * 200) / 300, 1)

    await metrics.getByRole("link", { name: "7 days" }).focus()
    await page.keyboard.press("Enter")
    await page.waitForURL(/range=7d/)
    await expect(metrics.getByRole("link", { name: "7 days" })).toHaveAttribute("aria-current", "true")
    await expect(table.getByRole("row")).toHaveCount(43)
  })

  await test.step("the estimate has the floor, what is typical, and the ceiling", async () => {
    await page.goto("/deployments/create?model=deployer/typical&hardware=cpu-small&min_instances=0&max_instances=2")
    const cost = main(page).getByRole("region", { name: "Cost", exact: true })
    const figures = (row: string) => cost.getByRole("row", { name: row }).getByRole("cell")
    await expect(figures("At least")).toHaveText(["$0.00", "$0.00", "$0.00"])
    // On average half an instance, at $0.000025 a second.
    await expect(figures("Typical")).toHaveText(["$0.05", "$1.08", "$32.85"])
    await expect(figures("At most")).toHaveText(["$0.18", "$4.32", "$131.40"])
    await expect(cost).toContainText("deployer ran of deployer/typical in the last 7 days: 84 hours of instances")
    await main(page).getByLabel("Minimum instances").fill("1")
    await expect(figures("At least")).toHaveText(["$0.09", "$2.16", "$65.70"])
    await expect(figures("Typical")).toHaveText(["$0.09", "$2.16", "$65.70"])
    await main(page).getByLabel("Model", { exact: true }).fill("deployer/nothing")
    await expect(figures("Typical")).toHaveText(["–", "–", "–"])
    await expect(cost).toContainText("deployer has not run this model in the last 7 days")
  })

  await test.step("the form keeps a draft, and gives a link and code with the same choices", async () => {
    await page.goto("/deployments/create")
    await main(page).getByLabel("Name", { exact: true }).fill("drafted")
    await main(page).getByLabel("Model", { exact: true }).fill("deployer/writer")
    await main(page).getByText("Advanced").click()
    await main(page).getByLabel("Queue limit").fill("100")
    await page.reload()
    await expect(main(page)).toContainText("Your draft was restored.")
    await expect(main(page).getByLabel("Name", { exact: true })).toHaveValue("drafted")
    await expect(main(page).getByLabel("Queue limit")).toBeVisible()
    await expect(main(page).getByLabel("Queue limit")).toHaveValue("100")
    await main(page).getByText("As code").click()
    await expect(main(page).getByRole("tab")).toHaveText(["cURL", "CLI", "JavaScript", "Python"])
    await expect(main(page).getByRole("tabpanel").first()).toContainText('"queue_limit": 100')
    await main(page).getByRole("button", { name: "Copy link to this form" }).click()
    const link = await page.evaluate(() => navigator.clipboard.readText())
    await main(page).getByRole("button", { name: "Create deployment" }).click()
    await page.waitForURL(/\/deployments\/deployer\/drafted\?created=1$/)

    await page.goto(link)
    await expect(main(page)).not.toContainText("Your draft was restored.")
    await expect(main(page).getByLabel("Model", { exact: true })).toHaveValue("deployer/writer")
    await expect(main(page).getByLabel("Queue limit")).toHaveValue("100")
  })

  await test.step("without scripts the link fills in the form, and it keeps what was typed", async () => {
    const plain = await openAs(mine, openPage, server, { javaScriptEnabled: false })
    await plain.goto("/deployments/create?model=deployer/writer&name=plain&queue_limit=none")
    await expect(main(plain).getByLabel("Queue limit")).toHaveValue("none")
    await main(plain).getByRole("button", { name: "Create deployment" }).click()
    await expect(main(plain).getByText("The queue limit is a whole number from 1 to 1,000,000.").first()).toBeVisible()
    await main(plain).getByLabel("Queue limit").fill("10")
    await main(plain).getByRole("button", { name: "Create deployment" }).click()
    await plain.waitForURL(/\/deployments\/deployer\/plain\?created=1$/)
  })

  await test.step("who may only see it, changes nothing", async () => {
    const looking = await openAs(viewer, openPage, server)
    await looking.goto(viewer.pages["deployment for a viewer"]!)
    await expect(main(looking).getByRole("link", { name: "Settings" })).toHaveCount(0)
    await expect(main(looking).getByRole("heading", { name: "Call it" })).toBeVisible()
  })
})
