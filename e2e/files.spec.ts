import { request as ask } from "node:http"

import { expect, test } from "./fixtures"

/** Sends a request to the server's address with the given host name. */
const get = (origin: string, path: string, host: string) =>
  new Promise<{ status: number; headers: Record<string, unknown> }>((resolve, reject) => {
    ask(origin + path, { headers: { host } }, (response) => {
      response.resume().on("end", () => resolve({ status: response.statusCode!, headers: response.headers }))
    })
      .on("error", reject)
      .end()
  })

test("a file that is not there says so to any site", async ({ request }) => {
  const answer = await request.get(`/files/${"0".repeat(26)}/a.png`)
  expect(answer.status()).toBe(404)
  expect(answer.headers()).toMatchObject({
    "content-type": "application/problem+json",
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
  })
})

test("files may have a host of their own, where nothing else is", async ({ instance }) => {
  const { origin } = await instance({ FILES_URL: "https://files.example.com" })
  const path = `/files/${"0".repeat(26)}/a.png`
  const { host } = new URL(origin)
  expect(await get(origin, path, host)).toMatchObject({
    status: 308,
    headers: { location: `https://files.example.com${path}` },
  })
  expect((await get(origin, path, "files.example.com")).headers["content-type"]).toBe("application/problem+json")
  for (const other of ["/", "/signin", "/v1/models", "/v2/", "/images/x/y"])
    expect((await get(origin, other, "files.example.com")).status, other).toBe(404)
  const policy = String((await get(origin, "/", host)).headers["content-security-policy"])
  expect(policy).toContain("img-src 'self' data: https://files.example.com;")
  expect(policy).toContain("media-src 'self' https://files.example.com;")
})
