// Bundles the models that come with the product, once for all test files, when their sources changed.
import { bundleIfStale } from "./bundle.mjs"

export const setup = bundleIfStale
