// Bundles the bundled models once for all test files, if their sources have changed.
import { bundleIfStale } from "./bundle.mjs"

export const setup = bundleIfStale
