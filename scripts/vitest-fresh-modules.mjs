// Test files share a worker, so that packages are loaded once; our own modules start afresh for each file.
import { vi } from "vitest"

vi.resetModules()
