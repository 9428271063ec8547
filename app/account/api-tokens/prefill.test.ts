import { expect, test } from "vitest"

import { prefill, prefilled } from "./prefill"

const all = "read write push"

test.each([
  [{}, { name: "", scopes: all, expires_in_days: "" }],
  [{ name: "laptop" }, { name: "laptop", scopes: all, expires_in_days: "" }],
  [
    { scopes: "push,read", days: "30" },
    { name: "", scopes: "read push", expires_in_days: "30" },
  ],
  [{ scopes: "READ write" }, { name: "", scopes: "read write", expires_in_days: "" }],
  [
    { scopes: "everything", days: "31" },
    { name: "", scopes: all, expires_in_days: "" },
  ],
  [{ scopes: "" }, { name: "", scopes: all, expires_in_days: "" }],
])("an address with %j fills in %j", (query, values) => {
  expect(prefill(query)).toEqual(values)
})

test.each([{}, { name: "a & b" }, { name: "ci", scopes: "push", days: "90" }])(
  "the address of %j leads back to the same values",
  (query) => {
    const values = prefill(query)
    const address = new URL(prefilled(values), "http://here.invalid").searchParams
    expect(
      prefill({
        name: address.get("new-token-name") ?? undefined,
        scopes: address.get("scopes") ?? undefined,
        days: address.get("expires-in-days") ?? undefined,
      }),
    ).toEqual(values)
  },
)
