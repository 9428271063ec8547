/** The log of the whole process, for pages and verbs as for the server in front of them. */
export { lineOf, log } from "@/server/log.mjs"
