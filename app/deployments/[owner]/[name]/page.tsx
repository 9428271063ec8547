import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { deploymentDraft } from "@/components/draft-keys"
import { ForgetDraft } from "@/components/forget-draft"
import { PredictionTable } from "@/components/run/prediction-table"
import { Badge } from "@/components/ui/badge"
import { ButtonLink } from "@/components/ui/button"
import { CodeBlock } from "@/components/ui/code-block"
import { Disclosure } from "@/components/ui/disclosure"
import { Notice } from "@/components/ui/notice"
import { Table } from "@/components/ui/table"
import { Tabs } from "@/components/ui/tabs"
import { Time } from "@/components/ui/time"
import { listAlerts } from "@/lib/deployments/alerts"
import type { Deployment } from "@/lib/deployments/row"
import { metricsOf, ranges, type Range } from "@/lib/deployments/metrics"
import { deploymentSnippets } from "@/lib/deployments/snippets"
import { listInstancesOf, type Instance } from "@/lib/instances/instance"
import { param, currentOrigin } from "@/lib/next/page"
import { listLatestOf } from "@/lib/predictions/history"
import { setUpStateOfPool } from "@/lib/predictions/set-up"
import { currentOffers, notOfferedReason } from "@/lib/runners/offers"
import { AutoRefresh } from "../../auto-refresh"
import { DeploymentHeader } from "../../deployment-header"
import { loadDeployment, sampleInput } from "../../load"
import { MetricsView } from "../../metrics-view"

type Props = {
  params: Promise<{ owner: string; name: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  return (await loadDeployment(owner, name, ""))
    ? { title: `${owner}/${name} · Deployment`, robots: { index: false } }
    : nothingHere
}

const latest = 10

export default async function DeploymentPage({ params, searchParams }: Props) {
  const [{ owner, name }, query] = await Promise.all([params, searchParams])
  const page = await loadDeployment(owner, name, "")
  if (!page) return <NothingHere />
  const { deployment, changes } = page
  const asked = param(query.range)
  const range: Range = asked !== undefined && Object.hasOwn(ranges, asked) ? (asked as Range) : "24h"
  const pools = [...new Set([deployment.release.pool, deployment.serves.pool])]
  const [instances, predictions, metrics, origin] = await Promise.all([
    Promise.all(pools.map((pool) => listInstancesOf(pool, latest))),
    listLatestOf(deployment, latest),
    metricsOf(deployment, range),
    currentOrigin(),
  ])
  const sample = await sampleInput(page.actor, deployment.serves, origin)
  return (
    <>
      <DeploymentHeader deployment={deployment} changes={changes} />
      <AutoRefresh seconds={10} />
      <ForgetDraft draft={deploymentDraft(page.actor.username)} owner={owner} name={name} />
      <Outcome query={query} />
      <State deployment={deployment} changes={changes} />
      <Alerts deployment={deployment} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-10">
        <Running deployment={deployment} instances={instances.flat()} />
        <section aria-labelledby="call">
          <h2 id="call" className="mb-4">
            Call it
          </h2>
          <div className="overflow-hidden rounded-xl border border-line bg-surface">
            <Tabs
              label="Language"
              tabs={deploymentSnippets({ origin, owner, name, ...sample }).map(({ id, label, code }) => ({
                id,
                label,
                panel: <CodeBlock code={code} label={`Call the deployment: ${label}`} flush />,
              }))}
            />
          </div>
          <p className="mt-2 text-sm text-muted">
            It reads your token from the environment: create one under{" "}
            <Link href="/account/api-tokens" className="link">
              API tokens
            </Link>
            . All inputs are those of the{" "}
            <Link href={`/${deployment.serves.model}/versions/${deployment.serves.version}`} className="link">
              version
            </Link>
            .
          </p>
        </section>
        <MetricsView metrics={metrics} base={`/deployments/${owner}/${name}`} />
        <section aria-labelledby="predictions">
          <h2 id="predictions" className="mb-4">
            Latest predictions
          </h2>
          {predictions.length === 0 ? (
            <p className="text-muted">None yet.</p>
          ) : (
            <PredictionTable label={`Latest predictions of ${owner}/${name}`} predictions={predictions} />
          )}
        </section>
      </div>
    </>
  )
}

/** The outcome of the last action, from the query. */
function Outcome({ query }: { query: Record<string, string | string[] | undefined> }) {
  const released = param(query.released)
  const warmed = param(query.warmed)
  const sentence = query.created
    ? "Deployment created. It can be called now."
    : released && /^\d+$/.test(released)
      ? `Release ${released} created. It takes over when its instances are ready.`
      : warmed && /^\d+$/.test(warmed)
        ? `Booting up to ${warmed} ${warmed === "1" ? "instance" : "instances"}.`
        : query.disabled
          ? "Deployment disabled."
          : query.enabled
            ? "Deployment enabled."
            : null
  return (
    sentence && (
      <Notice kind="success" role="status" className="mb-6">
        {sentence}
      </Notice>
    )
  )
}

/** A notice about the state of the deployment, if it needs attention. */
async function State({ deployment, changes }: { deployment: Deployment; changes: boolean }) {
  const { owner, name, paused_at, paused_reason, rollout, rollout_detail, current, serving, release, serves } =
    deployment
  const [setUp, offers] = await Promise.all([setUpStateOfPool(serves.pool), currentOffers()])
  const missing = notOfferedReason(offers, release.hardware)
  if (paused_at !== null)
    return (
      <Notice kind="warn" title="Disabled" className="mb-6">
        <p>
          {paused_reason ?? "It has no instances, costs nothing and rejects predictions."}{" "}
          {changes && (
            <Link href={`/deployments/${owner}/${name}/settings#disable`} className="link">
              Enable it in the settings
            </Link>
          )}
        </p>
      </Notice>
    )
  if (rollout === "failed")
    return (
      <Notice
        kind="danger"
        title={`The rollout of release ${current} failed; release ${serving} keeps serving`}
        className="mb-6"
      >
        <pre className="max-h-60 overflow-auto text-xs wrap-anywhere whitespace-pre-wrap">{rollout_detail}</pre>
      </Notice>
    )
  if (rollout !== "done")
    return (
      <Notice title={`Release ${current} is being rolled out`} className="mb-6">
        <p>
          {rollout === "canary" && deployment.canary_since !== null
            ? `${deployment.canary_percent} % of the predictions go to it for ${deployment.canary_minutes} minutes. The rollout fails if it does worse than release ${serving}.`
            : `Release ${serving} serves until release ${current} is ready.`}
        </p>
        {rollout_detail !== null ? (
          <p className="max-h-60 overflow-auto wrap-anywhere whitespace-pre-wrap">{rollout_detail}</p>
        ) : (
          missing && <p>{missing}</p>
        )}
      </Notice>
    )
  return setUp?.paused ? (
    <Notice kind="danger" title="Set-up keeps failing" className="mb-6">
      <p>It is not retried automatically. Disable and enable the deployment to retry, or roll back.</p>
      <pre className="max-h-60 overflow-auto text-xs wrap-anywhere whitespace-pre-wrap">{setUp.failure}</pre>
    </Notice>
  ) : null
}

const alertTitles = {
  error_rate: "Many predictions fail",
  queue_length: "The queue is long",
} as const

/** The alerts that no other notice on the page covers: error rate and queue length. */
async function Alerts({ deployment: { id, paused_at } }: { deployment: Deployment }) {
  if (paused_at !== null) return null
  return (await listAlerts(id)).map(
    ({ kind, detail, raised_at }) =>
      kind in alertTitles && (
        <Notice key={kind} kind="warn" title={alertTitles[kind as keyof typeof alertTitles]} className="mb-6">
          <p>
            {detail} Alert sent <Time iso={raised_at} />.
          </p>
        </Notice>
      ),
  )
}

const alive = (instance: Instance) => instance.stopped_at === null
const tones = { idle: "accent", busy: "info", failed: "danger" } as const

/** What the deployment runs now: release, hardware and instances. */
function Running({ deployment, instances }: { deployment: Deployment; instances: Instance[] }) {
  const { release, serves } = deployment
  const rollsOut = release.pool !== serves.pool
  const shown = [
    ...instances.filter(alive),
    ...instances.filter((one) => !alive(one) && one.state === "failed").slice(0, 3),
  ]
  return (
    <section aria-labelledby="running">
      <h2 id="running" className="mb-4">
        Running now
      </h2>
      <dl className="mb-5 grid gap-x-8 gap-y-3 sm:grid-cols-2 lg:grid-cols-4 [&_dt]:text-sm [&_dt]:text-muted">
        <div>
          <dt>Model</dt>
          <dd className="wrap-anywhere">
            <Link href={`/${serves.model}`} className="link">
              {serves.model}
            </Link>
          </dd>
        </div>
        <div>
          <dt>Version</dt>
          <dd>
            <Link href={`/${serves.model}/versions/${serves.version}`} className="link font-mono text-sm">
              {serves.version.slice(0, 12)}
            </Link>
            {deployment.follows && <span className="text-sm text-muted"> follows {deployment.follows}</span>}
          </dd>
        </div>
        <div>
          <dt>Hardware</dt>
          <dd className="font-mono text-sm">{serves.hardware}</dd>
        </div>
        <div>
          <dt>Instances</dt>
          <dd>
            {`${instances.filter((one) => alive(one) && one.ready_at !== null).length} ready, ${serves.min_instances} to ${serves.max_instances}`}
          </dd>
        </div>
      </dl>
      {shown.length === 0 ? (
        <p className="text-muted">No instances at the moment. The next prediction boots one.</p>
      ) : (
        <Table label="Instances">
          <thead>
            <tr>
              <th scope="col">Instance</th>
              <th scope="col">State</th>
              {rollsOut && <th scope="col">Release</th>}
              <th scope="col">Hardware</th>
              <th scope="col">Started</th>
              <th scope="col">Set-up log</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.id} className="align-top">
                <th scope="row" className="font-mono text-sm">
                  {one.id.slice(0, 10)}
                </th>
                <td>
                  <Badge tone={tones[one.state as keyof typeof tones] ?? "neutral"}>
                    {one.state.replace("_", " ")}
                  </Badge>
                </td>
                {rollsOut && (
                  <td className="tabular-nums">{one.pool === serves.pool ? deployment.serving : deployment.current}</td>
                )}
                <td className="font-mono text-sm whitespace-nowrap">{one.hardware}</td>
                <td className="whitespace-nowrap">
                  <Time iso={one.created_at} />
                </td>
                <td>
                  {one.setup_log.trim() === "" && !one.detail ? (
                    <span className="text-muted">none</span>
                  ) : (
                    <Disclosure summary="Show">
                      <pre className="max-h-60 max-w-xl overflow-auto text-xs wrap-anywhere whitespace-pre-wrap">
                        {[one.setup_log, one.detail].filter(Boolean).join("\n")}
                      </pre>
                    </Disclosure>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {deployment.rollout === "done" && deployment.paused_at === null && serves.max_instances === 0 && (
        <ButtonLink href={`/deployments/${deployment.owner}/${deployment.name}/settings`} size="sm" className="mt-4">
          Its maximum is 0: change that
        </ButtonLink>
      )}
    </section>
  )
}
