import type { BrowserContext, ConsoleMessage, Page, Request, Response, WebError } from "@playwright/test"

/**
 * Collects browser problems: console errors and warnings, uncaught errors, violations of our content security policy,
 * and failed requests to our server.
 */
export class Noise {
  private readonly all: string[] = []
  private readonly allowed: RegExp[] = []

  constructor(private readonly baseURL: string) {}

  /** All problems that no pattern allows. */
  get heard(): string[] {
    return this.all.filter((line) => !this.allowed.some((pattern) => pattern.test(line)))
  }

  /** Allows lines that match, because the test provokes them. */
  allow(...patterns: RegExp[]): void {
    this.allowed.push(...patterns)
  }

  /** The console reports a deliberate 404 as an error. */
  allowMissingPage(): void {
    this.allow(/^console error: Failed to load resource: the server responded with a status of 404/)
  }

  /** Waits for problems from the last action on a page before it is closed. */
  async hearOut(page: Page): Promise<void> {
    // A violation is reported in a separate task.
    for (let tasks = 0; tasks < 3 && !page.isClosed(); tasks++) await page.evaluate(() => 0).catch(() => {})
  }

  /** Returns a function that ends the listening, for a context that is used again. */
  listenTo(context: BrowserContext): () => void {
    const hearConsole = (message: ConsoleMessage) => {
      const type = message.type()
      if (type === "error" || type === "warning")
        this.all.push(`console ${type}: ${message.text()} (${message.location().url})`)
    }
    const hearError = (error: WebError) => void this.all.push(`thrown: ${error.error().stack ?? error.error()}`)
    const hearAnswer = (response: Response) => {
      if (response.status() >= 500)
        this.all.push(`answered ${response.status()}: ${response.request().method()} ${response.url()}`)
    }
    const hearFailure = (request: Request) => {
      const why = request.failure()?.errorText ?? ""
      // Leaving a page cancels pending requests.
      if (request.url().startsWith(this.baseURL) && why !== "net::ERR_ABORTED")
        this.all.push(`failed: ${request.method()} ${request.url()} ${why}`)
    }
    context.on("console", hearConsole)
    context.on("weberror", hearError)
    context.on("response", hearAnswer)
    context.on("requestfailed", hearFailure)
    return () => {
      context.off("console", hearConsole)
      context.off("weberror", hearError)
      context.off("response", hearAnswer)
      context.off("requestfailed", hearFailure)
    }
  }
}

/**
 * Lets the pages of a context log violations of our content security policy: code often catches what the policy blocks,
 * so that nothing appears in the console.
 */
export async function reportViolations(context: BrowserContext): Promise<void> {
  await context.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
      console.error(`policy violated: ${violatedDirective} by ${blockedURI} in ${sourceFile}:${lineNumber}`),
    ),
  )
}
