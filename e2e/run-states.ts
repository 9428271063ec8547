import type { Instance, Page } from "./fixtures"
import { runScript } from "./run-script"

type States = { cookie: string; pages: Record<string, string>; shared: Record<string, string> }

const made = new WeakMap<Instance, Promise<States>>()

/** Creates runs, batches and trials in all their states, once on each server, and returns their pages by name. */
export async function makeStates(server: Instance, env?: Record<string, string>) {
  if (!made.has(server)) made.set(server, runScript<States>("run-states-data", server.data, { env }))
  const { cookie, ...pages } = await made.get(server)!
  return {
    ...pages,
    signIn: (page: Page) =>
      page.context().addCookies([{ name: "understudy.session", value: cookie, url: server.origin }]),
  }
}
