import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import {
  test as base,
  expect,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from "@playwright/test"

import { Account, uniqueName } from "./account"
import { Noise } from "./noise"
import { ownServer } from "./own-server"

export { expect, uniqueName }
export type { Account, Page }

export type Instance = Awaited<ReturnType<typeof ownServer>> & { data: string }

type Fixtures = {
  /**
   * The pages of a file's tests may share a browser profile, emptied before each test. The browser then compiles the
   * pages' scripts once, which takes half the time of opening a page.
   */
  sharedProfile: boolean
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
  profile: Profile
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

/** A browser profile that is used again, with one page. */
class Profile {
  private context?: BrowserContext
  private owner?: string

  /** The profile without cookies or anything stored, and its page as if it were new. */
  async emptied(browser: Browser, owner: string, baseURL: string): Promise<BrowserContext> {
    // Each file has browser settings of its own.
    if (this.owner !== owner) await this.close()
    this.owner = owner
    this.context ??= await browser.newContext()
    const [page = await this.context.newPage(), ...others] = this.context.pages()
    for (const other of others) await other.close()
    await page.goto("about:blank")
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "no-preference" })
    await page.setViewportSize({ width: 1280, height: 720 })
    await this.context.clearCookies()
    const session = await this.context.newCDPSession(page)
    await session.send("Storage.clearDataForOrigin", { origin: new URL(baseURL).origin, storageTypes: "all" })
    await session.detach()
    return this.context
  }

  async close(): Promise<void> {
    await this.context?.close()
    this.context = undefined
  }
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  sharedProfile: [false, { option: true }],

  profile: [
    // Playwright reads a fixture's dependencies from the pattern: this one has none.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const profile = new Profile()
      await use(profile)
      await profile.close()
    },
    { scope: "worker" },
  ],

  sharedInstance: [
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

  context: async ({ context, noise, sharedProfile, profile, browser, baseURL }, use, { file }) => {
    const used = sharedProfile ? await profile.emptied(browser, file, baseURL!) : context
    const stopListening = await noise.listenTo(used)
    await use(used)
    await stopListening()
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

  openPage: async ({ browser, baseURL, noise }, use) => {
    const contexts: BrowserContext[] = []
    await use(async ({ as, ...options } = {}) => {
      const context = await browser.newContext({ baseURL, ...options })
      contexts.push(context)
      await noise.listenTo(context)
      await as?.signIn(context)
      return context.newPage()
    })
    for (const page of contexts.flatMap((context) => context.pages())) await noise.hearOut(page)
    await Promise.all(contexts.map((context) => context.close()))
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
