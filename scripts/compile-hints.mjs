import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** First line of a script whose functions Chromium shall compile while it arrives; nothing but a comment elsewhere. */
const hint = "//# allFunctionsCalledOnLoad\n"

/**
 * Marks the scripts that every page loads, React and Next's router. Otherwise their functions are compiled one by one as
 * they are first called, while nothing else can happen in the page (https://v8.dev/blog/explicit-compile-hints).
 * @param {string} folder of the build
 */
export function addCompileHints(folder) {
  const { rootMainFiles } = JSON.parse(readFileSync(join(folder, "build-manifest.json"), "utf8"))
  for (const file of rootMainFiles) {
    const path = join(folder, file)
    const script = readFileSync(path, "utf8")
    if (!script.startsWith(hint)) writeFileSync(path, hint + script)
  }
}
