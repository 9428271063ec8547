import { join } from "node:path"

/** Where a file lies that is bundled beside the program. @param {string} name */
export const asset = (name) => join(import.meta.dirname, name)
