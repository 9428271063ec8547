import type { Metadata } from "next"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { costOfDays, deletionBlockers } from "@/lib/deployments/deployment"
import { usualCost } from "@/lib/deployments/estimate"
import { DeploymentHeader } from "../../../deployment-header"
import { hardwareChoices, loadDeployment } from "../../../load"
import { DangerForms, LimitsForm, ReleaseForm, WarmForm } from "./settings-forms"

type Props = { params: Promise<{ owner: string; name: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  const page = await loadDeployment(owner, name, "/settings")
  return page?.changes ? { title: `Settings · ${owner}/${name}`, robots: { index: false } } : nothingHere
}

export default async function DeploymentSettingsPage({ params }: Props) {
  const { owner, name } = await params
  const page = await loadDeployment(owner, name, "/settings")
  if (!page?.changes) return <NothingHere />
  const { deployment } = page
  const [hardware, blockers, cost] = await Promise.all([
    hardwareChoices(),
    deletionBlockers(deployment),
    costOfDays(deployment, 7),
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
          usual={usualCost(cost, 7 * 24)}
          values={{
            version: release.version,
            hardware: release.hardware,
            min_instances: text(release.min_instances),
            max_instances: text(release.max_instances),
            idle_seconds: text(release.idle_seconds),
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
            monthly_cap_usd: text(deployment.monthly_cap_usd),
          }}
        />
        <WarmForm deployment={ref} most={deployment.serves.max_instances} disabled={deployment.paused_at !== null} />
        <DangerForms deployment={ref} name={name} disabled={deployment.paused_at !== null} blockers={blockers} />
      </div>
    </>
  )
}
