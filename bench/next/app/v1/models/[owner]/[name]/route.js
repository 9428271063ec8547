import { answers, json, originOf } from "../../../../../answers.mjs"

export async function GET(request, { params }) {
  if (!answers().who(request.headers.get("authorization"))) return json(401, "{}")
  const { owner, name } = await params
  return json(200, answers().one(owner, name, originOf(request)))
}
