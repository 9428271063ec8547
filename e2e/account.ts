import { randomBytes } from "node:crypto"
import { expect, type APIRequest, type APIRequestContext, type BrowserContext } from "@playwright/test"

import { postForm } from "./plain-form"
import { remember } from "./secrets"

export const uniqueName = (prefix: string) => `${prefix}-${randomBytes(5).toString("hex")}`

export type ModelFields = Partial<
  Record<"name" | "visibility" | "hardware" | "description" | "github_url" | "paper_url" | "license_url", string>
>

/** A person with an account, browser cookies and an API token. */
export class Account {
  readonly password = "correct horse battery"
  private secret?: string

  private constructor(
    readonly username: string,
    /** Sends a request as this person's browser would, without a page. */
    readonly request: APIRequestContext,
  ) {}

  /** Creates the account through the sign-up form. */
  static async open(apis: APIRequest, baseURL: string, username: string): Promise<Account> {
    const account = new Account(username, await apis.newContext({ baseURL }))
    const answer = await postForm(account.request, "/signup", "Create account", {
      username,
      password: account.password,
    })
    expect(answer.status(), await answer.text()).toBe(303)
    remember("password", account.password)
    for (const { name, value } of (await account.request.storageState()).cookies)
      if (name === "understudy.session") remember("cookie", value)
    return account
  }

  /** Signs a browser in as this person. */
  async signIn(context: BrowserContext): Promise<void> {
    const { cookies } = await this.request.storageState()
    await context.addCookies(cookies)
  }

  async token(): Promise<string> {
    return (this.secret ??= await this.newToken(uniqueName("token")))
  }

  /** The secret of a new API token, from the page that shows it once. */
  async newToken(name: string): Promise<string> {
    const answer = await postForm(this.request, "/account/api-tokens", "Create token", {
      name,
      scopes: "read write push",
    })
    return remember("token", /\bus_\w{20,}/.exec(await answer.text())![0])
  }

  /** Creates a model over REST and returns its name. */
  async createModel(fields: ModelFields = {}): Promise<string> {
    const name = fields.name ?? uniqueName("model")
    const answer = await this.request.post("/v1/models", {
      headers: { authorization: `Bearer ${await this.token()}` },
      data: { owner: this.username, visibility: "public", hardware: "cpu", ...fields, name },
    })
    expect(answer.status(), await answer.text()).toBe(201)
    return name
  }

  /** The names of this account's models, as seen by its owner. */
  async modelNames(): Promise<string[]> {
    const profile = await (await this.request.get(`/${this.username}`)).text()
    return [...profile.matchAll(new RegExp(`href="/${this.username}/([^"/]+)"`, "g"))].map(([, name]) => name!)
  }
}
