import { expect, test } from "./fixtures"
import { createStates, oddStates } from "./states"

// Every state of the pages on which models are run, as people meet it.

type States = { cookie: string; pages: Record<string, string>; shared: Record<string, string> }

test("axe finds nothing in any state of runs, batches and trials, and nothing scrolls sideways", async ({
  instance,
  openPage,
  noise,
}) => {
  test.setTimeout(900_000)
  // The picture of a version that never ran.
  noise.allow(/example\.com|ERR_|Content Security Policy/)
  const { origin, data } = await instance({ ANONYMOUS_RATE_LIMIT_PER_MINUTE: "0" })
  const { cookie, pages, shared } = await createStates<States>("e2e/run-states-data.ts", data)
  const [mine, strangers] = [await openPage({ baseURL: origin }), await openPage({ baseURL: origin })]
  await mine.context().addCookies([{ name: "understudy.session", value: cookie, url: origin }])
  expect([...(await oddStates(mine, pages)), ...(await oddStates(strangers, shared))]).toEqual([])
})
