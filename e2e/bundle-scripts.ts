import { globSync, rmSync } from "node:fs"
import { build } from "esbuild"

/**
 * Bundles the scripts that create data (*-data.ts), once for all tests: they start in half the time that their 250
 * modules take one by one. Playwright runs this before the tests; the returned function after them.
 */
export default async function bundleScripts(): Promise<() => void> {
  // Below the project, where their packages are found.
  const folder = (process.env.E2E_SCRIPTS = `node_modules/.cache/understudy-e2e-${process.pid}`)
  await build({
    entryPoints: globSync("e2e/*-data.ts"),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    packages: "external",
    conditions: ["react-server"],
    logLevel: "warning",
  })
  return () => rmSync(folder, { recursive: true, force: true })
}
