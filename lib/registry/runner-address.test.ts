import { afterEach, beforeEach, describe, expect, test } from "vitest"

import { env } from "@/env"
import { registryOrigin, runnerRegistry } from "./runner-address"

const before = { ...env }
beforeEach(() => void Object.assign(env, { HOST: "0.0.0.0", PORT: 3000 }))
afterEach(() => void Object.assign(env, { RUN_REGISTRY: undefined, ...before }))

describe("an engine pulls", () => {
  test.each([
    ["0.0.0.0", "127.0.0.1:3000"],
    ["::", "127.0.0.1:3000"],
    ["localhost", "127.0.0.1:3000"],
    ["127.0.0.1", "127.0.0.1:3000"],
    ["192.0.2.7", "192.0.2.7:3000"],
    ["2001:db8::7", "[2001:db8::7]:3000"],
  ])("from a server that listens on %s at %s", (HOST, address) => {
    Object.assign(env, { HOST })
    expect(runnerRegistry()).toBe(address)
  })

  test("from where RUN_REGISTRY says", () => {
    Object.assign(env, { RUN_REGISTRY: "models.example.com" })
    expect(runnerRegistry()).toBe("models.example.com")
  })
})

test("an engine is led to the address that it pulls from, everybody else to PUBLIC_URL", () => {
  Object.assign(env, { PUBLIC_URL: "https://models.example.com" })
  expect(registryOrigin({ host: "127.0.0.1:3000" })).toBe("http://127.0.0.1:3000")
  expect(registryOrigin({ host: "models.example.com" })).toBe("https://models.example.com")
  expect(registryOrigin({ host: "elsewhere:3000" })).toBe("https://models.example.com")
  Object.assign(env, { RUN_REGISTRY: "10.0.0.5:3000" })
  expect(registryOrigin({ host: "10.0.0.5:3000" })).toBe("http://10.0.0.5:3000")
  expect(registryOrigin({ host: "127.0.0.1:3000" })).toBe("https://models.example.com")
})
