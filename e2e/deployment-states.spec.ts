import { expect, test, type Instance, type Page } from "./fixtures"
import { createStates, oddStates } from "./states"

// Every state of the pages of deployments, as people meet it, and what the pages say and do in them.

type Looker = { cookie: string; pages: Record<string, string>; hidden?: Record<string, string> }
type States = { mine: Looker; viewer: Looker; newcomer: Looker }

type Open = (options: { baseURL: string; permissions?: string[]; javaScriptEnabled?: boolean }) => Promise<Page>
async function openAs({ cookie }: Looker, openPage: Open, { origin }: Instance, options: object = {}): Promise<Page> {
  const page = await openPage({ baseURL: origin, ...options })
  await page.context().addCookies([{ name: "understudy.session", value: cookie, url: origin }])
  return page
}

test("axe finds nothing in any state of deployments, and nothing scrolls sideways", async ({
  instance,
  openPage,
  noise,
}) => {
  test.setTimeout(900_000)
  noise.allow(/status of 404/)
  const server = await instance()
  const states = await createStates<States>("e2e/deployment-states-data.ts", server.data)
  const odd: string[] = []
  for (const looker of Object.values(states)) {
    const page = await openAs(looker, openPage, server)
    odd.push(...(await oddStates(page, looker.pages)), ...(await oddStates(page, looker.hidden ?? {}, 404)))
  }
  expect(odd).toEqual([])
})
