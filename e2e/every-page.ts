import { expect, type Page } from "@playwright/test"

import { addressOf, type AuthorizationData } from "./authorization-targets"

export type Looker = "anonymous" | "owner" | "organization owner" | "viewer" | "stranger" | "administrator"

/**
 * Who opens each page of app/, by folder. Nobody opens those that only redirect, or whose states two-step.spec.ts
 * covers.
 */
export const pages: Record<string, Looker[]> = {
  "/": ["anonymous", "owner"],
  "/[owner]": ["anonymous", "owner", "organization owner"],
  "/[owner]/[name]": ["anonymous", "owner"],
  "/[owner]/[name]/api": ["anonymous", "owner"],
  "/[owner]/[name]/batch": ["anonymous", "owner"],
  "/[owner]/[name]/examples": ["anonymous", "owner"],
  "/[owner]/[name]/playground": ["anonymous", "owner"],
  "/[owner]/[name]/settings": ["owner"],
  "/[owner]/[name]/train": ["anonymous", "owner"],
  "/[owner]/[name]/versions": ["anonymous", "owner"],
  "/[owner]/[name]/versions/[id]": ["anonymous", "owner"],
  "/[owner]/[name]/versions/compare": ["anonymous"],
  "/account": ["owner"],
  "/account/api-tokens": ["owner"],
  "/account/delete": ["owner", "viewer"],
  "/account/events": ["owner"],
  "/account/push": ["owner"],
  "/account/security": ["owner"],
  "/account/transfers": ["owner"],
  "/account/webhooks": ["owner"],
  "/account/webhooks/sink": ["owner"],
  "/admin": [],
  "/admin/events": ["administrator"],
  "/admin/hardware": ["administrator"],
  "/admin/models": ["administrator"],
  "/admin/settings": ["administrator"],
  "/admin/users": ["administrator"],
  "/batches": ["owner"],
  "/batches/[id]": ["owner"],
  "/collections": ["anonymous", "administrator"],
  "/collections/[slug]": ["anonymous", "administrator"],
  "/collections/[slug]/edit": ["administrator"],
  "/collections/new": ["administrator"],
  "/create": ["owner", "organization owner"],
  "/deployments": ["owner", "organization owner"],
  "/deployments/[owner]/[name]": ["owner"],
  "/deployments/[owner]/[name]/releases": ["owner"],
  "/deployments/[owner]/[name]/settings": ["owner"],
  "/deployments/create": ["owner"],
  "/docs/api": ["anonymous"],
  "/explore": ["anonymous", "owner"],
  "/invitations/[secret]": ["stranger"],
  "/organizations": ["stranger", "organization owner"],
  "/organizations/[name]": [],
  "/organizations/[name]/events": ["organization owner"],
  "/organizations/[name]/members": ["organization owner", "viewer"],
  "/organizations/[name]/settings": ["organization owner"],
  "/organizations/[name]/tokens": ["organization owner"],
  "/organizations/[name]/webhooks": ["organization owner"],
  "/organizations/create": ["owner"],
  "/p/[id]": ["owner"],
  "/predictions/compare": ["owner"],
  "/predictions": ["owner", "organization owner"],
  "/pricing": ["anonymous"],
  "/signin": ["anonymous"],
  "/signin/code": [],
  "/signin/reset/[secret]": ["anonymous"],
  "/signup": ["anonymous"],
  "/trainings": ["owner"],
  "/trainings/[id]": ["owner"],
}

export const visits = Object.entries(pages).flatMap(([pattern, lookers]) => lookers.map((who) => ({ pattern, who })))

/** Opens the page of that folder for somebody, and returns its path. It must be shown, not redirect. */
export async function visit(page: Page, data: AuthorizationData, pattern: string, who: Looker): Promise<string> {
  const path = await reach(page, data, pattern, who)
  expect(path, `${pattern} shows itself, and leads nowhere else than ${page.url()}`).not.toBeNull()
  return path!
}

/** Opens the page on any server and returns its path; null if the page is not shown. */
export async function reach(
  page: Page,
  data: AuthorizationData,
  pattern: string,
  who: Looker,
  origin = process.env.E2E_BASE_URL!,
): Promise<string | null> {
  const [name, value] = data.principals[who]?.cookie.split("=", 2) ?? []
  const address = addressOf(data, pattern.replace("/reset/[secret]", `/reset/${data.reset}`), "public")
  const path = pattern === "/[owner]" && who === "organization owner" ? `/${data.organization}` : address
  if (name && value) await page.context().addCookies([{ name, value, url: origin }])
  const answer = await page.goto(origin + path)
  const shown = answer!.status() === 200 && new URL(page.url()).pathname === new URL(path, origin).pathname
  return shown ? path : null
}
