import { answers, json, originOf } from "../../../answers.mjs"

export async function GET(request) {
  if (!answers().who(request.headers.get("authorization"))) return json(401, "{}")
  return json(200, answers().search(new URL(request.url).searchParams.get("query") ?? "", originOf(request)))
}
