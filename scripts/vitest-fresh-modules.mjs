// Test files share a worker, so that packages are loaded once; our own modules, with their process-wide state, are
// loaded again for each file.
import { vi } from "vitest"

for (const key of Object.getOwnPropertySymbols(globalThis))
  if (Symbol.keyFor(key)?.startsWith("understudy.")) delete globalThis[key]
vi.resetModules()
