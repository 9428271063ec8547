import { existsSync, readFileSync, writeFileSync } from "node:fs"
import type { IncomingMessage } from "node:http"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

import { temporaryFolder } from "@/scripts/temporary-folder.mjs"
import { refusedOrigin, checkFormOrigin } from "./origin.mjs"

const site = "https://models.example.com"

beforeEach(() => {
  process.env.DATA_DIR = temporaryFolder("origin")
  // A server's data folder is never empty; an empty one is the mount point of an unmounted volume.
  writeFileSync(join(process.env.DATA_DIR, "server.lock"), "")
})
afterEach(() => {
  delete process.env.PUBLIC_URL
})

const post = (headers: Record<string, string | undefined>, method = "POST") =>
  ({ method, headers }) as unknown as IncomingMessage
const sameOrigin = { "sec-fetch-site": "same-origin" }

/**
 * What each proxy passes on for https://models.example.com by default, as server.mjs sees it without TRUST_PROXY:
 * forwarded headers are removed.
 */
const proxies = {
  nginx: { host: "127.0.0.1:3000", connection: "close" },
  Caddy: { host: "models.example.com" },
  Traefik: { host: "models.example.com" },
}
/** With TRUST_PROXY=1. */
const trusted = {
  nginx: proxies.nginx,
  Caddy: { ...proxies.Caddy, "x-forwarded-host": "models.example.com", "x-forwarded-proto": "https" },
  Traefik: {
    ...proxies.Traefik,
    "x-forwarded-host": "models.example.com",
    "x-forwarded-proto": "https",
    "x-forwarded-port": "443",
  },
}

describe.each(Object.keys(proxies) as (keyof typeof proxies)[])("behind %s as it comes", (proxy) => {
  test.each([proxies[proxy], trusted[proxy]])(
    "with PUBLIC_URL a form is taken, and Next compares it with that: %j",
    (headers) => {
      process.env.PUBLIC_URL = site
      const request = post({ ...headers, ...sameOrigin, origin: site })
      expect(checkFormOrigin(request)).toBeNull()
      expect(request.headers).toMatchObject({ host: "models.example.com", origin: site })
      expect(request.headers["x-forwarded-host"]).toBe("models.example.com")
    },
  )

  test("without PUBLIC_URL, what does not fit is named in the answer and kept for doctor", () => {
    const refusal = checkFormOrigin(post({ ...proxies[proxy], ...sameOrigin, origin: site }))
    const own = `http://${proxies[proxy].host}`
    expect(refusal).toBe(
      `This form came from another site: it was sent from ${site}, and what arrived was addressed to ${own}. If that is one site behind a proxy, its operator has to set PUBLIC_URL=${site}.`,
    )
    if (proxy !== "nginx") return
    const file = join(process.env.DATA_DIR!, refusedOrigin)
    return vi.waitFor(() => expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ origin: site, own }), {
      timeout: 30_000,
    })
  })
})

test.each([trusted.Caddy, trusted.Traefik])(
  "without PUBLIC_URL, a trusted proxy that says where it is will do: %j",
  (headers) => {
    expect(checkFormOrigin(post({ ...headers, ...sameOrigin, origin: site }))).toBeNull()
  },
)

test("a page that tells no origin is taken at the browser's word", () => {
  process.env.PUBLIC_URL = site
  const request = post({ host: "models.example.com", origin: "null", ...sameOrigin })
  expect(checkFormOrigin(request)).toBeNull()
  expect(request.headers.origin).toBe(site)
})

test.each([
  { origin: "null" },
  { origin: "null", "sec-fetch-site": "cross-site" },
  { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
  { origin: "https://a.models.example.com", "sec-fetch-site": "same-site" },
  { origin: "nonsense" },
  { origin: `https://${"a".repeat(400)}.example` },
])("%j is refused, and nobody is bothered with it", (headers) => {
  process.env.PUBLIC_URL = site
  expect(checkFormOrigin(post({ host: "models.example.com", ...headers }))).toBe(
    "This form came from another site, so nothing was done. Open its page here and send it again.",
  )
  expect(existsSync(join(process.env.DATA_DIR!, refusedOrigin))).toBe(false)
})

test("whoever opens the site under another address than PUBLIC_URL is told which it is", () => {
  process.env.PUBLIC_URL = site
  expect(checkFormOrigin(post({ host: "10.0.0.7:3000", origin: "http://10.0.0.7:3000" }))).toContain(
    `it was sent from http://10.0.0.7:3000, and PUBLIC_URL says that this is ${site}.`,
  )
})

test.each(["GET", "HEAD"])("%s is read wherever it comes from", (method) => {
  expect(checkFormOrigin(post({ host: "models.example.com", origin: "https://evil.example" }, method))).toBeNull()
})

test("a request that names no origin is left to whoever answers it", () => {
  expect(checkFormOrigin(post({ host: "models.example.com" }))).toBeNull()
})
