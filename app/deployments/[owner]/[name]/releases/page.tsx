import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { ActionForm, SubmitButton } from "@/components/action-form"
import { Pager } from "@/components/pager"
import { Badge } from "@/components/ui/badge"
import { Notice } from "@/components/ui/notice"
import { Time } from "@/components/ui/time"
import { changesBetween, listReleases } from "@/lib/deployments/deployment"
import { compareReleases } from "@/lib/deployments/compare"
import type { Release } from "@/lib/deployments/row"
import { nullIfUnavailable, param } from "@/lib/next/page"
import { changeDeploymentAction } from "../../../actions"
import { DeploymentHeader } from "../../../deployment-header"
import { loadDeployment } from "../../../load"
import { ChooseReleases, CompareReleases, settingInWords, settings } from "./compare-releases"

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
  const { rows, next } = await listReleases(deployment, numberOf(query.before))
  const base = `/deployments/${owner}/${name}`
  const [from, to] = [numberOf(query.from), numberOf(query.to)]
  const comparison =
    from !== null && to !== null && (await nullIfUnavailable(compareReleases(page.actor, deployment, from, to)))
  const numbers = new Set([...rows.map(({ release }) => release.number), ...(comparison ? [from!, to!] : [])])
  return (
    <>
      <DeploymentHeader deployment={deployment} changes={changes} />
      {numbers.size > 1 && (
        <ChooseReleases
          base={base}
          numbers={[...numbers].toSorted((a, b) => b - a)}
          from={comparison ? from! : deployment.current - 1}
          to={comparison ? to! : deployment.current}
        />
      )}
      {comparison ? (
        <CompareReleases base={base} comparison={comparison} />
      ) : (
        from !== null &&
        to !== null && (
          <Notice kind="warn" className="mb-6">
            {`There are no releases ${from} and ${to}. Choose two of this list.`}
          </Notice>
        )
      )}
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
              <Changes release={release} before={rows[at + 1]?.release} base={base} />
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

/** The number of a release in the query; null if invalid. */
function numberOf(value: string | string[] | undefined): number | null {
  const number = Number(param(value))
  return Number.isSafeInteger(number) && number > 0 ? number : null
}

/** The settings that a release changed, or all of them for the first release. */
function Changes({ release, before, base }: { release: Release; before: Release | undefined; base: string }) {
  const changed = before ? changesBetween(before, release) : null
  const shown = settings.filter(({ field }) => (changed ? field in changed : release[field] !== null))
  return (
    <>
      <dl className="mt-2 grid gap-1 text-sm">
        {shown.map(({ field, label }) => (
          <div key={field} className="flex flex-wrap gap-x-2">
            <dt className="text-muted">{label}</dt>
            <dd className="font-mono wrap-anywhere">
              {changed && (
                <span>
                  <s className="text-muted">{settingInWords(field, changed[`${field}_was`])}</s>
                  <span className="sr-only"> becomes</span>{" "}
                </span>
              )}
              <span>{settingInWords(field, release[field])}</span>
            </dd>
          </div>
        ))}
      </dl>
      {before && (
        <p className="mt-1 text-sm">
          <Link href={`${base}/releases?from=${before.number}&to=${release.number}`} className="link">
            {`Compare with release ${before.number}`}
          </Link>
        </p>
      )}
    </>
  )
}
