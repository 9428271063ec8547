import { expect, test } from "./fixtures"
import { makeStates } from "./run-states"
import { oddStates } from "./states"

// The pages on which models are run, in all their states.

test("axe finds nothing in any state of runs, batches and trials, and nothing scrolls sideways", async ({
  sharedInstance,
  openPage,
}) => {
  test.setTimeout(900_000)
  const server = await sharedInstance()
  const { pages, shared, signIn } = await makeStates(server)
  const [mine, strangers] = [await openPage({ baseURL: server.origin }), await openPage({ baseURL: server.origin })]
  await signIn(mine)
  expect([...(await oddStates(mine, pages)), ...(await oddStates(strangers, shared))]).toEqual([])
})
