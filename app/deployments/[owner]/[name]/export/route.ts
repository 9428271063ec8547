import { getDeployment } from "@/lib/deployments/deployment"
import { metricsOf, ranges, type Range } from "@/lib/deployments/metrics"
import { metricsCsv } from "@/lib/deployments/metrics-csv"
import { nullIfUnavailable } from "@/lib/next/page"
import { currentActor } from "@/lib/next/session"

type Context = { params: Promise<{ owner: string; name: string }> }

/** The metrics of a deployment as CSV. */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { owner, name } = await params
  const actor = await currentActor()
  if (!actor)
    return new Response(null, {
      status: 307,
      headers: { location: `/signin?next=${encodeURIComponent(`/deployments/${owner}/${name}`)}` },
    })
  const deployment = await nullIfUnavailable(getDeployment(actor, owner, name))
  if (!deployment) return new Response(null, { status: 404 })
  const asked = new URL(request.url).searchParams.get("range") ?? "24h"
  const { steps } = await metricsOf(deployment, Object.hasOwn(ranges, asked) ? (asked as Range) : "24h")
  return new Response(metricsCsv(steps), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${owner}-${name}-metrics.csv"`,
      "cache-control": "no-store",
    },
  })
}
