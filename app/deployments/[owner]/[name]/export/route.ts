import { getDeployment } from "@/lib/deployments/deployment"
import { metricsOf, ranges, type Range } from "@/lib/deployments/metrics"
import { nullIfMissing } from "@/lib/next/page"
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
  const deployment = await nullIfMissing(getDeployment(actor, owner, name))
  if (!deployment) return new Response(null, { status: 404 })
  const asked = new URL(request.url).searchParams.get("range") ?? "24h"
  const { steps } = await metricsOf(deployment, Object.hasOwn(ranges, asked) ? (asked as Range) : "24h")
  const lines = steps.map(
    ({ at, requests, failed, latency, queue, boot, run, queue_depth, instances, cold_starts, usd }) =>
      [
        at,
        requests,
        failed,
        latency?.p50 ?? "",
        latency?.p95 ?? "",
        latency?.p99 ?? "",
        queue?.p95 ?? "",
        boot?.p95 ?? "",
        run?.p95 ?? "",
        queue_depth,
        instances,
        cold_starts,
        usd,
      ].join(","),
  )
  const head =
    "from,predictions,failed,latency_p50,latency_p95,latency_p99,queue_p95,boot_p95,run_p95,queue_depth,instances,cold_starts,usd"
  return new Response([head, ...lines, ""].join("\r\n"), {
    headers: {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${owner}-${name}-metrics.csv"`,
      "cache-control": "no-store",
    },
  })
}
