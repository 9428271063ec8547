import { answers, json, originOf } from "../../../answers.mjs"

export async function GET(request) {
  if (!answers().who(request.headers.get("authorization"))) return json(401, "{}")
  return json(200, answers().list(Number(new URL(request.url).searchParams.get("limit") ?? 25), originOf(request)))
}

export async function POST(request) {
  const actor = answers().who(request.headers.get("authorization"))
  if (!actor) return json(401, "{}")
  return json(201, answers().create(actor, await request.text(), originOf(request)))
}
