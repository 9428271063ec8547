import { currentActor } from "@/lib/next/session"
import { currentOrigin } from "@/lib/next/page"
import { receiveFile } from "@/lib/next/upload"
import { log } from "@/lib/log"
import { getEditableModel } from "@/lib/models/model"
import { setCover } from "@/lib/models/cover"
import { pictureLimit, pictureProblems } from "@/lib/pictures/picture"
import { asProblem, problem } from "@/lib/problem"

type Context = { params: Promise<{ owner: string; name: string }> }

/** Accepts a cover image from the settings page. Scripts get JSON; a plain form is redirected back with the outcome. */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const { owner, name } = await params
  const scripted = request.headers.get("accept")?.includes("application/json")
  const goTo = async (path: string) => Response.redirect((await currentOrigin()) + path, 303)
  const settings = `/${owner}/${name}/settings`
  try {
    const actor = await currentActor()
    if (!actor && !scripted) return await goTo(`/signin?next=${encodeURIComponent(settings)}`)
    if (!actor)
      throw problem("unauthenticated", "You are signed out. Sign in in another tab, then upload the image again.")
    // Checks permission before the body is read and parsed.
    await getEditableModel(actor, owner, name)
    await setCover(actor, owner, name, await receiveFile(request, "cover", pictureLimit, pictureProblems.large))
    return scripted ? Response.json({ ok: true }) : await goTo(`${settings}?cover=saved#cover`)
  } catch (error) {
    const refusal = asProblem(error)
    if (refusal.kind === "unexpected") log("error", "a cover could not be stored", { error })
    const detail = refusal.fields.cover ?? refusal.detail
    // The page expects errors with status 200, as from an action.
    if (scripted) return Response.json({ ok: false, detail })
    const [why = "refused"] = Object.entries(pictureProblems).find(([, sentence]) => sentence === detail) ?? []
    return goTo(`${settings}?cover=${why}#cover`)
  }
}
