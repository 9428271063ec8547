import type { Instance, Page } from "./fixtures"
import { runScript } from "./run-script"

type States = { cookie: string; pages: Record<string, string>; shared: Record<string, string> }

/** Creates runs, batches and trials in all their states, and returns their pages by name. */
export async function makeStates({ origin, data }: Instance, env?: Record<string, string>) {
  const { cookie, ...pages } = await runScript<States>("run-states-data", data, { env })
  return {
    ...pages,
    signIn: (page: Page) => page.context().addCookies([{ name: "understudy.session", value: cookie, url: origin }]),
  }
}
