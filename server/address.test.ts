import { expect, test } from "vitest"

import { networkOf } from "@/lib/rate-limits/network"
import { addressIn, forwardedAddress } from "./address.mjs"

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["192.0.2.7:51234", "192.0.2.7"],
  ["198.51.100.1, 192.0.2.7:1", "192.0.2.7"],
  ["198.51.100.1,192.0.2.7", "192.0.2.7"],
  ["2001:db8::7", "2001:db8::7"],
  ["2001:DB8:0:0::7", "2001:db8::7"],
  ["[2001:db8::7]", "2001:db8::7"],
  ["[2001:db8::7]:443", "2001:db8::7"],
  ['"[2001:db8::7]:443"', "2001:db8::7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["fe80::1%eth0", "fe80::1"],
])("%s was asked from %s", (header, address) => {
  expect(forwardedAddress(header)).toBe(address)
})

test.each(["", "unknown", "_hidden", "192.0.2", "7", "0x7f.1", "192.0.2.7:", "[::1", "a:b", "192.0.2.7, ", undefined])(
  "%j names no address",
  (header) => {
    expect(forwardedAddress(header)).toBeUndefined()
  },
)

test("another port is no other network, and neither is another address of the same one", () => {
  const counted = (header: string) => networkOf(forwardedAddress(header))
  expect(new Set(Array.from({ length: 50 }, (_, n) => counted(`192.0.2.7:${50_000 + n}`)))).toEqual(
    new Set(["192.0.2.7"]),
  )
  expect(new Set(Array.from({ length: 50 }, (_, n) => counted(`[2001:db8:1:2::${n}]:${50_000 + n}`))).size).toBe(1)
  expect(counted("[2001:db8:1:3::1]:1")).not.toBe(counted("[2001:db8:1:2::1]:1"))
})

test("what a socket says is written alike", () => {
  expect(addressIn("::ffff:127.0.0.1")).toBe("127.0.0.1")
  expect(addressIn(undefined)).toBeUndefined()
})
