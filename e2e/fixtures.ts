import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { test as base, expect, type BrowserContextOptions, type Page } from "@playwright/test"

import { Account, uniqueName } from "./account"
import { Noise } from "./noise"
import { ownServer } from "./own-server"
import { Profiles, type Profile, type Settings } from "./profiles"

export { expect, uniqueName }
export type { Account, Page }

export type Instance = Awaited<ReturnType<typeof ownServer>> & { data: string }

type Fixtures = {
  /** What `test.use` says of this test's browsers. */
  settings: Settings
  /** Starts a separate, empty server for the test. */
  instance(env?: Record<string, string>): Promise<Instance>
  /** What the browsers of this test reported; must be empty, except for what the test allows. */
  noise: Noise
  /** A new account; this test's `page` is signed in to it. */
  alice: Account
  /** Another new account, not signed in anywhere. */
  bob: Account
  openAccount(username?: string): Promise<Account>
  /** A page in a separate browser profile: a visitor's, unless an account is given. */
  openPage(options?: BrowserContextOptions & { as?: Account }): Promise<Page>
}

type WorkerFixtures = {
  profiles: Profiles
  /**
   * A separate server that the tests of a worker share, with the settings given. Starting one and rendering its first
   * pages takes longer than most tests.
   */
  sharedInstance(env?: Record<string, string>): Promise<Instance>
  /** Ends a server while the next tests run: waiting for its connections takes it a second. */
  endLater(instance: Instance): void
}

async function startInstance(env?: Record<string, string>): Promise<Instance> {
  const data = mkdtempSync(path.join(tmpdir(), "understudy-e2e-"))
  return { ...(await ownServer(data, env)), data }
}

async function endInstance({ stop, data }: Instance): Promise<void> {
  await stop()
  rmSync(data, { recursive: true, force: true })
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  profiles: [
    async ({ browser }, use) => {
      const profiles = new Profiles(browser)
      await use(profiles)
      await profiles.close()
    },
    { scope: "worker" },
  ],

  settings: async (
    {
      baseURL,
      contextOptions,
      javaScriptEnabled,
      locale,
      timezoneId,
      colorScheme,
      viewport,
      hasTouch,
      isMobile,
      permissions,
      userAgent,
      extraHTTPHeaders,
      actionTimeout,
      navigationTimeout,
    },
    use,
  ) => {
    await use({
      ...contextOptions,
      baseURL,
      javaScriptEnabled,
      locale,
      timezoneId,
      colorScheme,
      viewport,
      hasTouch,
      isMobile,
      permissions,
      userAgent,
      extraHTTPHeaders,
      actionTimeout,
      navigationTimeout,
    })
  },

  sharedInstance: [
    // Playwright reads a fixture's dependencies from the pattern: this one has none.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const started = new Map<string, Promise<Instance>>()
      await use(async (env = {}) => {
        const settings = JSON.stringify(env)
        // All browsers come from one address.
        const limits = { ANONYMOUS_RATE_LIMIT_PER_MINUTE: "100000", SIGNUPS_PER_HOUR: "1000000" }
        if (!started.has(settings)) started.set(settings, startInstance({ ...limits, ...env }))
        return started.get(settings)!
      })
      await Promise.all([...started.values()].map(async (instance) => endInstance(await instance)))
    },
    { scope: "worker" },
  ],

  endLater: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const ending: Promise<void>[] = []
      await use((instance) => void ending.push(endInstance(instance)))
      await Promise.all(ending)
    },
    { scope: "worker" },
  ],

  instance: async ({ endLater }, use) => {
    const started: Instance[] = []
    await use(async (env) => {
      const instance = await startInstance(env)
      started.push(instance)
      return instance
    })
    for (const instance of started) endLater(instance)
  },

  noise: async ({ baseURL }, use) => {
    const noise = new Noise(baseURL!)
    await use(noise)
    expect(noise.heard, "what the browser complained about").toEqual([])
  },

  context: async ({ profiles, settings, noise }, use) => {
    const profile = await profiles.take(settings)
    const stopListening = noise.listenTo(profile.context)
    await use(profile.context)
    stopListening()
    await profiles.giveBack(profile)
  },

  page: async ({ context, noise }, use) => {
    const page = context.pages()[0] ?? (await context.newPage())
    await use(page)
    await noise.hearOut(page)
  },

  openAccount: async ({ playwright, baseURL }, use) => {
    const opened: Account[] = []
    await use(async (username = uniqueName("user")) => {
      const account = await Account.open(playwright.request, baseURL!, username)
      opened.push(account)
      return account
    })
    await Promise.all(opened.map((account) => account.request.dispose()))
  },

  alice: async ({ openAccount, context }, use) => {
    const alice = await openAccount(uniqueName("alice"))
    await alice.signIn(context)
    await use(alice)
  },

  bob: async ({ openAccount }, use) => use(await openAccount(uniqueName("bob"))),

  openPage: async ({ profiles, settings, noise }, use) => {
    const taken: { profile: Profile; stopListening: () => void }[] = []
    await use(async ({ as, ...options } = {}) => {
      const profile = await profiles.take({ ...settings, ...options })
      taken.push({ profile, stopListening: noise.listenTo(profile.context) })
      await as?.signIn(profile.context)
      return profile.page()
    })
    for (const page of taken.flatMap(({ profile }) => profile.context.pages())) await noise.hearOut(page)
    for (const { profile, stopListening } of taken) {
      stopListening()
      await profiles.giveBack(profile)
    }
  },
})

/** Delays a page's scripts, as on a slow connection, until the returned function is called. */
export async function holdScripts(page: Page): Promise<() => void> {
  let release = () => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  await page.route(/\.js(\?|$)/, async (route) => {
    await released
    await route.continue()
  })
  return release
}
