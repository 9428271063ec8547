import type { Browser, BrowserContext, BrowserContextOptions, Page } from "@playwright/test"

import { reportViolations } from "./noise"

/** More of them would hold memory that servers and other browsers need. */
const idleProfiles = 4

/** How pages of a profile are opened; both timeouts come from the test that opens the profile. */
export type Settings = BrowserContextOptions & { actionTimeout?: number; navigationTimeout?: number }

/**
 * Browser profiles that the tests of a worker use one after another. In a new profile the browser compiles all scripts
 * of a page again, which takes a third of the time of opening it.
 */
export class Profiles {
  private idle: Profile[] = []

  constructor(private readonly browser: Browser) {}

  /** A profile with these settings in which nothing is stored and at most one page is open, an empty one. */
  async take(settings: Settings): Promise<Profile> {
    const key = JSON.stringify(settings)
    const found = this.idle.findLast((profile) => profile.key === key)
    this.idle = this.idle.filter((profile) => profile !== found)
    if (found) return found
    const { actionTimeout: _, navigationTimeout: __, ...options } = settings
    const context = await this.browser.newContext(options)
    await reportViolations(context)
    return new Profile(key, options, context)
  }

  /** Keeps the profile for other tests, unless something of this test could remain in it. */
  async giveBack(profile: Profile): Promise<void> {
    if (await profile.emptied()) this.idle.push(profile)
    else await profile.context.close()
    while (this.idle.length > idleProfiles) await this.idle.shift()!.context.close()
  }

  async close(): Promise<void> {
    await Promise.all(this.idle.map(({ context }) => context.close()))
  }
}

/** These change a context or a page until it is closed. */
const lasting = [
  "addInitScript",
  "addLocatorHandler",
  "exposeBinding",
  "exposeFunction",
  "newCDPSession",
  "setDefaultNavigationTimeout",
  "setDefaultTimeout",
  "setExtraHTTPHeaders",
  "setGeolocation",
  "setOffline",
]
const lastingOfClock = ["install", "pauseAt", "setFixedTime", "setSystemTime"]

const listenedTo = [
  "close",
  "console",
  "crash",
  "dialog",
  "domcontentloaded",
  "download",
  "filechooser",
  "frameattached",
  "framedetached",
  "framenavigated",
  "load",
  "pageerror",
  "popup",
  "request",
  "requestfailed",
  "requestfinished",
  "response",
  "websocket",
  "worker",
] as const

/** A browser profile, usually with one page. */
export class Profile {
  private changed: boolean
  /** Those that a page of it has shown. */
  private readonly origins = new Set<string>()
  private readonly newSession: BrowserContext["newCDPSession"]

  constructor(
    readonly key: string,
    private readonly settings: BrowserContextOptions,
    readonly context: BrowserContext,
  ) {
    this.changed = settings.permissions !== undefined
    this.newSession = context.newCDPSession.bind(context)
    this.watch(context, lasting)
    this.watch(context.clock, lastingOfClock)
    context.on("page", (page) => {
      this.watch(page, lasting)
      this.noteOriginsOf(page)
    })
  }

  /** Its empty page. */
  async page(): Promise<Page> {
    return this.context.pages()[0] ?? (await this.context.newPage())
  }

  /** Makes it as if it were new, except for the browser's cache; returns whether it is. */
  async emptied(): Promise<boolean> {
    if (this.changed) return false
    const emptied = this.empty().then(
      () => !this.changed,
      () => false,
    )
    // A page that hangs is left behind.
    const tooLate = new Promise<false>((resolve) => setTimeout(resolve, 10_000, false).unref())
    return Promise.race([emptied, tooLate])
  }

  private async empty(): Promise<void> {
    const { context } = this
    const [page, ...others] = context.pages()
    for (const other of others) await other.close()
    await context.unrouteAll({ behavior: "ignoreErrors" })
    // A tab keeps what it stored for an origin that it has left.
    if (this.origins.size > 1) this.changed = true
    else if (page) await this.emptyPage(page)
    await context.clearCookies()
    await context.clearPermissions()
    this.origins.clear()
  }

  private async emptyPage(page: Page): Promise<void> {
    await page.unrouteAll({ behavior: "ignoreErrors" })
    for (const event of listenedTo) page.removeAllListeners(event)
    // Nothing may be stored between this and leaving the page.
    await page.evaluate(() => {
      if (location.protocol === "about:") return
      Storage.prototype.setItem = () => {}
      sessionStorage.clear()
      window.name = ""
    })
    await page.goto("about:blank")
    const session = await this.newSession(page)
    for (const origin of this.origins) await session.send("Storage.clearDataForOrigin", { origin, storageTypes: "all" })
    await session.send("Page.resetNavigationHistory")
    await session.detach()
    const { colorScheme = "light", reducedMotion = "no-preference", viewport } = this.settings
    await page.emulateMedia({
      media: null,
      colorScheme,
      reducedMotion,
      forcedColors: "none",
      contrast: "no-preference",
    })
    await page.setViewportSize(viewport ?? { width: 1280, height: 720 })
    await page.mouse.move(-1, -1)
    this.noteOriginsOf(page)
  }

  private noteOriginsOf(page: Page): void {
    page.on("framenavigated", (frame) => {
      const origin = URL.parse(frame.url())?.origin ?? "null"
      if (origin !== "null") this.origins.add(origin)
    })
  }

  /** Notes the calls of these methods. */
  private watch(target: object, names: string[]): void {
    for (const name of names) {
      const original = Reflect.get(target, name)
      if (typeof original !== "function") continue
      const noted = (...values: unknown[]) => {
        this.changed = true
        return original.apply(target, values)
      }
      Reflect.set(target, name, noted)
    }
  }
}
