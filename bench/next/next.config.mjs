import { fileURLToPath } from "node:url"

/** @type {import("next").NextConfig} */
export default {
  serverExternalPackages: ["better-sqlite3"],
  turbopack: { root: fileURLToPath(new URL("../..", import.meta.url)) },
}
