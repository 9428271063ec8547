import type { Metadata } from "next"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { may } from "@/lib/access/policy"
import type { Actor } from "@/lib/auth/actor"
import { deletionBlockers } from "@/lib/deployments/deployment"
import type { Deployment } from "@/lib/deployments/row"
import { trafficOfDeployment } from "@/lib/deployments/traffic"
import { param } from "@/lib/next/page"
import { DeploymentHeader } from "../../../deployment-header"
import { hardwareChoices, loadDeployment } from "../../../load"
import { AlertsForm } from "./alerts-form"
import { ScheduleForms } from "./schedule-forms"
import { DangerForms, LimitsForm, ReleaseForm, WarmForm } from "./settings-forms"

type Props = {
  params: Promise<{ owner: string; name: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
  const { owner, name } = await params
  const page = await loadDeployment(owner, name, "/settings")
  return page?.changes ? { title: `Settings · ${owner}/${name}`, robots: { index: false } } : nothingHere
}

export default async function DeploymentSettingsPage({ params, searchParams }: Props) {
  const [{ owner, name }, query] = await Promise.all([params, searchParams])
  const page = await loadDeployment(owner, name, "/settings")
  if (!page?.changes) return <NothingHere />
  const { deployment } = page
  const [hardware, blockers, traffic] = await Promise.all([
    hardwareChoices(),
    deletionBlockers(deployment),
    trafficOfDeployment(deployment),
  ])
  const { release } = deployment
  const text = (value: number | string | null) => (value === null ? "" : String(value))
  const ref = `${owner}/${name}`
  return (
    <>
      <DeploymentHeader deployment={deployment} changes />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-12">
        <ReleaseForm
          deployment={ref}
          model={release.model}
          hardware={hardware}
          traffic={traffic}
          values={{
            version: release.version,
            hardware: release.hardware,
            min_instances: text(release.min_instances),
            max_instances: text(release.max_instances),
            idle_seconds: text(release.idle_seconds),
            buffer_instances: text(release.buffer_instances),
            canary_percent: "",
            canary_minutes: "",
          }}
        />
        <LimitsForm
          deployment={ref}
          values={{
            follows: text(deployment.follows),
            queue_limit: text(deployment.queue_limit),
            run_limit_minutes: text(deployment.run_limit_minutes),
            setup_limit_minutes: text(deployment.setup_limit_minutes),
            monthly_cap_usd: text(deployment.monthly_cap_usd),
          }}
        />
        <ScheduleForms
          deployment={ref}
          lines={deployment.schedule}
          most={deployment.serves.max_instances}
          saved={param(query.scheduled) !== undefined}
        />
        <AlertsForm
          deployment={ref}
          webhooks={webhooksOf(page.actor, deployment)}
          values={{
            alert_webhook: text(deployment.alert_webhook),
            alert_error_percent: text(deployment.alert_error_percent),
            alert_queue_length: text(deployment.alert_queue_length),
          }}
        />
        <WarmForm deployment={ref} most={deployment.serves.max_instances} disabled={deployment.paused_at !== null} />
        <DangerForms deployment={ref} disabled={deployment.paused_at !== null} blockers={blockers} />
      </div>
    </>
  )
}

/** The path of the page with the owner's webhook deliveries; null if the viewer may not see it. */
const webhooksOf = (actor: Actor, { owner, owner_id }: Deployment): string | null =>
  owner_id === actor.owner_id
    ? "/account/webhooks"
    : may(actor, "tokens", owner_id)
      ? `/organizations/${owner}/webhooks`
      : null
