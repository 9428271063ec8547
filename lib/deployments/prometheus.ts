import { bounds, observedOf, type Histogram } from "@/lib/pools/observed"
import { countWaiting, findWaitingPools } from "@/lib/predictions/running"
import { countLiveStates, listObserved } from "./prometheus-store"
import { poolsOfDeployment } from "./row"

/** The maximum number of deployments with their own series. */
const mostObserved = 200

const states = ["booting", "setting_up", "idle", "busy", "stopping"] as const
const statuses = ["succeeded", "failed", "canceled", "aborted"] as const

/** The metrics of deployments for Prometheus, as lines. Gauges cover the installation, counters only this process. */
export async function deploymentMetrics(): Promise<string[]> {
  const [{ total, rows }, live, waiting] = await Promise.all([
    listObserved(mostObserved),
    countLiveStates(),
    findWaitingPools(),
  ])
  const queued = await Promise.all(
    waiting
      .filter((pool) => pool.startsWith("deployment:"))
      .map(async (pool) => ({ pool, waiting: await countWaiting(pool) })),
  )
  const of = <T extends { pool: string }>(list: T[], id: number) =>
    list.filter(({ pool }) => pool.startsWith(poolsOfDeployment(id)))
  const lines = [...family("understudy_deployments", "gauge", "Deployments.", [["", total]])]
  const each = <T>(pick: (row: (typeof rows)[number], label: string) => T[]) =>
    rows.flatMap((row) => pick(row, `deployment="${row.owner}/${row.name}"`))

  lines.push(
    ...family(
      "understudy_deployment_instances",
      "gauge",
      "Instances of a deployment, by state.",
      each(({ id }, label) =>
        states.map((state) => [
          `{${label},state="${state}"}`,
          sum(
            of(live, id)
              .filter((one) => one.state === state)
              .map((one) => one.instances),
          ),
        ]),
      ),
    ),
    ...family(
      "understudy_deployment_queue_length",
      "gauge",
      "Queued predictions of a deployment, counted up to 10,000.",
      each(({ id }, label) => [[`{${label}}`, sum(of(queued, id).map((one) => one.waiting))]]),
    ),
    ...family(
      "understudy_deployment_enabled",
      "gauge",
      "Whether a deployment takes predictions.",
      each(({ paused_at }, label) => [[`{${label}}`, paused_at === null ? 1 : 0]]),
    ),
    ...family(
      "understudy_deployment_predictions_total",
      "counter",
      "Predictions of a deployment that ended.",
      each(({ id }, label) => {
        const ended = observedOf(id)?.ended
        return statuses.map((status) => [`{${label},status="${status}"}`, ended?.get(status) ?? 0])
      }),
    ),
    ...family(
      "understudy_deployment_failed_boots_total",
      "counter",
      "Set-ups of a deployment that failed.",
      each(({ id }, label) => [[`{${label}}`, observedOf(id)?.failedBoots ?? 0]]),
    ),
    ...histograms("understudy_deployment_queue_seconds", "From the request to the start on an instance.", "queue"),
    ...histograms("understudy_deployment_run_seconds", "How long predictions ran.", "run"),
    ...histograms("understudy_deployment_boot_seconds", "Cold starts: how long instances took to boot.", "boot"),
  )
  return lines

  function histograms(name: string, help: string, part: "queue" | "run" | "boot") {
    const samples = each(({ id }, label) => {
      const histogram = observedOf(id)?.[part]
      return histogram ? samplesOf(name, label, histogram) : []
    })
    return samples.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...samples]
  }
}

function samplesOf(name: string, label: string, { buckets, sum, count }: Histogram): string[] {
  let below = 0
  return [
    ...bounds.map((bound, n) => `${name}_bucket{${label},le="${bound}"} ${(below += buckets[n]!)}`),
    `${name}_bucket{${label},le="+Inf"} ${count}`,
    `${name}_sum{${label}} ${sum}`,
    `${name}_count{${label}} ${count}`,
  ]
}

const family = (name: string, type: "gauge" | "counter", help: string, samples: [labels: string, value: number][]) =>
  samples.length === 0
    ? []
    : [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} ${type}`,
        ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
      ]

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)
