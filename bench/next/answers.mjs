import { openAnswers } from "../answers.mjs"

/** @type {ReturnType<typeof openAnswers> | undefined} */
let opened
export const answers = () => (opened ??= openAnswers(process.env.DATA_DIR ?? ""))

/** @param {Request} request */
export const originOf = (request) => `http://${request.headers.get("host")}`

/** @param {number} status @param {string | undefined} body */
export const json = (status, body) =>
  new Response(body ?? "{}", {
    status: body === undefined ? 404 : status,
    headers: { "content-type": "application/json" },
  })
