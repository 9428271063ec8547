import type { BrowserContext, Page } from "@playwright/test"

/** Collects what a browser complains about: console errors and warnings, thrown errors, violations of our policy, and requests to us that went wrong. */
export class Noise {
  private readonly all: string[] = []
  private readonly allowed: RegExp[] = []

  constructor(private readonly baseURL: string) {}

  /** Everything heard that no pattern allows for. */
  get heard(): string[] {
    return this.all.filter((line) => !this.allowed.some((pattern) => pattern.test(line)))
  }

  /** Lets lines that match pass: the test provokes them. */
  allow(...patterns: RegExp[]): void {
    this.allowed.push(...patterns)
  }

  /** A page that answers 404 on purpose is an error to the console. */
  allowMissingPage(): void {
    this.allow(/^console error: Failed to load resource: the server responded with a status of 404/)
  }

  /** Hears what a page has to say of the last thing that was done on it, before it is closed. */
  async hearOut(page: Page): Promise<void> {
    // A violation is told by a task of its own.
    for (let tasks = 0; tasks < 3 && !page.isClosed(); tasks++) await page.evaluate(() => 0).catch(() => {})
  }

  async listenTo(context: BrowserContext): Promise<void> {
    context.on("console", (message) => {
      const type = message.type()
      if (type === "error" || type === "warning")
        this.all.push(`console ${type}: ${message.text()} (${message.location().url})`)
    })
    context.on("weberror", (error) => this.all.push(`thrown: ${error.error().stack ?? error.error()}`))
    context.on("response", (response) => {
      if (response.status() >= 500)
        this.all.push(`answered ${response.status()}: ${response.request().method()} ${response.url()}`)
    })
    context.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? ""
      // Leaving a page ends what it was still loading.
      if (request.url().startsWith(this.baseURL) && why !== "net::ERR_ABORTED")
        this.all.push(`failed: ${request.method()} ${request.url()} ${why}`)
    })
    // What a policy forbids is often caught by who tried, and says nothing of it in the console.
    await context.addInitScript(() =>
      document.addEventListener(
        "securitypolicyviolation",
        ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
          console.error(`policy violated: ${violatedDirective} by ${blockedURI} in ${sourceFile}:${lineNumber}`),
      ),
    )
  }
}
