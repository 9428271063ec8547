import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { ActionForm, SubmitButton } from "@/components/action-form"
import { Pager } from "@/components/pager"
import { Badge } from "@/components/ui/badge"
import { Time } from "@/components/ui/time"
import { changesBetween, listReleases } from "@/lib/deployments/deployment"
import type { Release } from "@/lib/deployments/row"
import { param } from "@/lib/next/page"
import { changeDeploymentAction } from "../../../actions"
import { DeploymentHeader } from "../../../deployment-header"
import { loadDeployment } from "../../../load"

type Props = {
  params: Promise<{ owner: string; name: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  return (await loadDeployment(owner, name, "/releases"))
    ? { title: `Releases · ${owner}/${name}`, robots: { index: false } }
    : nothingHere
}

export default async function ReleasesPage({ params, searchParams }: Props) {
  const [{ owner, name }, query] = await Promise.all([params, searchParams])
  const page = await loadDeployment(owner, name, "/releases")
  if (!page) return <NothingHere />
  const { deployment, changes } = page
  const before = Number(param(query.before))
  const { rows, next } = await listReleases(deployment, Number.isInteger(before) && before > 0 ? before : null)
  const base = `/deployments/${owner}/${name}`
  return (
    <>
      <DeploymentHeader deployment={deployment} changes={changes} />
      <h2 className="sr-only">Releases</h2>
      <ol className="divide-y divide-line rounded-xl border border-line bg-surface">
        {rows.map(({ release, by }, at) => (
          <li key={release.number} className="flex flex-wrap items-start gap-x-6 gap-y-3 px-5 py-4">
            <div className="min-w-0 flex-1 basis-72">
              <h3 className="flex flex-wrap items-center gap-2 text-base">
                <span>{`Release ${release.number}`}</span>
                {release.number === deployment.serving && <Badge tone="accent">serving</Badge>}
                {release.number === deployment.current &&
                  deployment.current !== deployment.serving &&
                  !release.failed && <Badge tone="info">rolling out</Badge>}
                {release.failed && <Badge tone="danger">failed</Badge>}
              </h3>
              <p className="text-sm text-muted">
                <span>{release.rollback_of === null ? "By" : `Back to ${release.rollback_of} by`} </span>
                <Link href={`/${by.username}`} className="link">
                  {by.username}
                </Link>
                <span>
                  , <Time iso={release.created_at} />
                </span>
              </p>
              <Changes release={release} before={rows[at + 1]?.release} />
            </div>
            {changes && release.number !== deployment.serving && (
              <ActionForm action={changeDeploymentAction}>
                <input type="hidden" name="deployment" value={`${owner}/${name}`} />
                <input type="hidden" name="release" value={release.number} />
                <SubmitButton
                  name="change"
                  value="rollback"
                  size="sm"
                  aria-label={`Roll back to release ${release.number}`}
                >
                  Roll back
                </SubmitButton>
              </ActionForm>
            )}
          </li>
        ))}
      </ol>
      <Pager previous={null} next={next === null ? null : `${base}/releases?before=${next}`} />
    </>
  )
}

const labels: Record<string, string> = {
  model: "Model",
  version: "Version",
  hardware: "Hardware",
  min_instances: "Minimum",
  max_instances: "Maximum",
  idle_seconds: "Idle seconds",
  buffer_instances: "Spare instances",
}

/** What a release changed, or all of it where nothing came before. */
function Changes({ release, before }: { release: Release; before: Release | undefined }) {
  const changed = before ? changesBetween(before, release) : null
  const fields = Object.keys(labels).filter((field) =>
    changed ? field in changed : release[field as keyof Release] !== null,
  )
  const said = (field: string, value: unknown) =>
    value === null ? "automatic" : field === "version" ? String(value).slice(0, 12) : String(value)
  return (
    <dl className="mt-2 grid gap-1 text-sm">
      {fields.map((field) => (
        <div key={field} className="flex flex-wrap gap-x-2">
          <dt className="text-muted">{labels[field]}</dt>
          <dd className="font-mono wrap-anywhere">
            {changed && (
              <span>
                <s className="text-muted">{said(field, changed[`${field}_was`])}</s>
                <span className="sr-only"> becomes</span>{" "}
              </span>
            )}
            <span>{said(field, release[field as keyof Release])}</span>
          </dd>
        </div>
      ))}
      {changed?.version !== undefined && before?.model_id === release.model_id && (
        <div>
          <Link
            href={`/${release.model}/versions/compare?from=${before!.version}&to=${release.version}`}
            className="link"
          >
            Compare the versions
          </Link>
        </div>
      )}
    </dl>
  )
}
