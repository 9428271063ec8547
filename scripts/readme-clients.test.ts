import { readFileSync } from "node:fs"
import { expect, test } from "vitest"

// README's list of clients is what the browser tests run: no more, no less, and at these versions.

const json = (file: string) => JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, string>>
const ours = json("package.json").devDependencies!
const theirs = json("e2e/clients/package.json").dependencies!
const tests = [
  "official-clients.spec.ts",
  "predictions.spec.ts",
  "mcp.ts",
  "clients/ai-sdk.mjs",
  "clients/langchain.mjs",
]
  .concat("clients/llama-index.mjs")
  .map((file) => readFileSync(`e2e/${file}`, "utf8"))
  .join("\n")

const listed = [...readFileSync("README.md", "utf8").matchAll(/^\| `(\S+)` (\d+\.\d+\.\d+) \|/gm)].map(
  ([, name, version]) => [name!, version!] as const,
)

test("every client that README lists is run by the tests, at the version it says", () => {
  expect(listed.length).toBeGreaterThan(0)
  for (const [name, version] of listed) {
    expect(version, name).toBe(ours[name] ?? theirs[name])
    expect(tests, name).toMatch(new RegExp(`["/]${name}["/]`))
  }
})

test("every client that the tests run is listed", () => {
  const run = [...tests.matchAll(/from "(replicate[^"]*|@ai-sdk\/[^"]+|@langchain\/community|@llamaindex\/replicate)/g)]
  for (const [, name] of run) expect(listed.map(([name]) => name)).toContain(name!.split("/llms")[0])
})

/** What a client calls when its test deploys, changes and runs a model. */
const deploying: Record<string, RegExp[]> = {
  replicate: [/[^.]\bdeployments\.update\(/, /[^.]\bdeployments\.predictions\.create\(/, /[^.]\bdeployments\.delete\(/],
  "replicate-stainless": [
    /client\.deployments\.update\(/,
    /client\.deployments\.predictions\.create\(/,
    /client\.deployments\.delete\(/,
  ],
  "replicate-mcp": [
    /call\("update_deployments"/,
    /call\("create_deployments_predictions"/,
    /call\("delete_deployments"/,
  ],
}

test("clients are listed with deployments exactly if the tests deploy, change, run and delete with them", () => {
  const rows = [...readFileSync("README.md", "utf8").matchAll(/^\| `(\S+)` \d+\.\d+\.\d+ \| (.*?) \|/gm)]
  const named = rows.filter(([, , tested]) => /\bdeployments\b/.test(tested!)).map(([, name]) => name)
  const run = Object.keys(deploying).filter((name) => deploying[name]!.every((call) => call.test(tests)))
  expect(named).toEqual(run)
  expect(named).toHaveLength(3)
})
