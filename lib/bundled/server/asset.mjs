import { join } from "node:path"

/** The path of a file bundled beside the program. @param {string} name */
export const asset = (name) => join(import.meta.dirname, name)
