/** The log of the process, shared by pages, verbs and the server. */
export { lineOf, log } from "@/server/log.mjs"
