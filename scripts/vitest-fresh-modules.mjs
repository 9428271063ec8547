// Test files share a worker, so that packages are loaded once; our own modules, and what they keep a process, start afresh for each file.
import { vi } from "vitest"

for (const key of Object.getOwnPropertySymbols(globalThis))
  if (Symbol.keyFor(key)?.startsWith("understudy.")) delete globalThis[key]
vi.resetModules()
