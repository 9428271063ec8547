import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { Badge } from "@/components/ui/badge"
import { EmptyState } from "@/components/ui/empty-state"
import { Notice } from "@/components/ui/notice"
import { TooLargeToShow } from "@/components/field-table"
import { Table } from "@/components/ui/table"
import { param } from "@/lib/next/page"
import { changesBetween } from "@/lib/versions/changes"
import { ModelHeader } from "../../model-header"
import { ModelTabs } from "../../model-tabs"
import { loadModelPage } from "../../load-model-page"
import { shortId, loadVersion } from "../load-version"

/** Breaking changes come first. */
const shownChanges = 300

type Props = {
  params: Promise<{ owner: string; name: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  return (await loadModelPage(owner, name, "/versions"))
    ? { title: `Changes between versions of ${owner}/${name}`, robots: { index: false } }
    : nothingHere
}

export default async function ComparePage({ params, searchParams }: Props) {
  const [{ owner, name }, query] = await Promise.all([params, searchParams])
  const page = await loadModelPage(owner, name, "/versions")
  const [older, newer] = [
    await loadVersion(owner, name, param(query.from) ?? ""),
    await loadVersion(owner, name, param(query.to) ?? ""),
  ]
  if (!page || !older || !newer) return <NothingHere />
  const base = `/${owner}/${name}`
  const unread = older.form.too_large || newer.form.too_large
  const changes = changesBetween(older.form, newer.form)
  const breaking = changes.filter((change) => change.breaking).length

  return (
    <>
      <ModelHeader model={page.model} hardware={page.hardware} />
      <ModelTabs
        base={base}
        current="versions"
        hasVersions={page.model.latest_version !== null}
        trains={page.trains}
        mine={page.mine}
      />
      <h2 className="mb-1">Changes for callers</h2>
      <p className="mb-6 text-muted">
        From <VersionLink base={base} id={older.id} /> to <VersionLink base={base} id={newer.id} />.{" "}
        <Link href={`${base}/versions/compare?from=${newer.id}&to=${older.id}`} className="link">
          Swap
        </Link>
      </p>
      {unread ? (
        <TooLargeToShow />
      ) : changes.length === 0 ? (
        <EmptyState title="No changes">Both versions have the same inputs and outputs.</EmptyState>
      ) : (
        <>
          {breaking > 0 ? (
            <Notice
              kind="warn"
              className="mb-4"
              title={breaking === 1 ? "1 breaking change" : `${breaking} breaking changes`}
            >
              Requests written for the older version may be rejected or answered differently.
            </Notice>
          ) : (
            <Notice className="mb-4">Everything that works with the older version keeps working.</Notice>
          )}
          <Table label="Changes">
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">Change</th>
                <th scope="col">Compatibility</th>
              </tr>
            </thead>
            <tbody>
              {changes.slice(0, shownChanges).map((change, at) => (
                <tr key={at}>
                  <th scope="row" className="whitespace-nowrap">
                    <span>{`${change.where[0]!.toUpperCase()}${change.where.slice(1)} `}</span>
                    {change.name && <code>{change.name}</code>}
                  </th>
                  <td className="min-w-52 wrap-anywhere">{change.message}</td>
                  <td>{change.breaking ? <Badge tone="danger">breaking</Badge> : <Badge>compatible</Badge>}</td>
                </tr>
              ))}
            </tbody>
          </Table>
          {changes.length > shownChanges && (
            <p className="mt-3 text-sm text-muted">
              {(changes.length - shownChanges).toLocaleString("en-US")} more are not shown.
            </p>
          )}
        </>
      )}
    </>
  )
}

const VersionLink = ({ base, id }: { base: string; id: string }) => (
  <Link href={`${base}/versions/${id}`} className="link font-mono text-sm">
    {shortId(id)}
  </Link>
)
