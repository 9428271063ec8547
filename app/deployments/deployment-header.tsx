import Link from "next/link"

import { PathTabs } from "@/components/path-tabs"
import { PageHeader } from "@/components/ui/page-header"
import type { Deployment } from "@/lib/deployments/row"
import { RolloutBadge } from "./rollout-badge"

/** The header of every page of a deployment. */
export function DeploymentHeader({ deployment, changes }: { deployment: Deployment; changes: boolean }) {
  const { owner, name } = deployment
  const base = `/deployments/${owner}/${name}`
  return (
    <>
      <PageHeader
        above={
          <Link href={`/deployments?account=${owner}`} className="link">
            Deployments
          </Link>
        }
        title={
          <>
            <span className="font-normal text-muted">{owner}/</span>
            <span>{name}</span>
          </>
        }
        lead={<RolloutBadge deployment={deployment} />}
      />
      <div className="mt-5 mb-8">
        <PathTabs
          label="Deployment"
          tabs={[
            { href: base, label: "Overview" },
            { href: `${base}/releases`, label: "Releases" },
            ...(changes ? [{ href: `${base}/settings`, label: "Settings" }] : []),
          ]}
        />
      </div>
    </>
  )
}
