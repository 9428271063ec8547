import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { EmptyState } from "@/components/ui/empty-state"
import { TooLargeToShow } from "@/components/field-table"
import { Table } from "@/components/ui/table"
import { VersionChanges } from "@/components/version-changes"
import { param } from "@/lib/next/page"
import { changesBetween } from "@/lib/versions/changes"
import { ModelHeader } from "../../model-header"
import { ModelTabs } from "../../model-tabs"
import { loadModelPage } from "../../load-model-page"
import { bytesInWords, shortId, loadVersion, type VersionFacts } from "../load-version"

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
  const isTooLarge = older.form.too_large || newer.form.too_large
  const changes = changesBetween(older.form, newer.form)

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
      <div className="mb-8 max-w-3xl">
        <Images older={older} newer={newer} />
      </div>
      {isTooLarge ? (
        <TooLargeToShow />
      ) : changes.length === 0 ? (
        <EmptyState title="No changes">Both versions have the same inputs and outputs.</EmptyState>
      ) : (
        <VersionChanges changes={changes} />
      )}
    </>
  )
}

/** What differs between the images of two versions beside their inputs and outputs. */
function Images({ older, newer }: { older: VersionFacts; newer: VersionFacts }) {
  const rows = [
    ["Size", ({ size }: VersionFacts) => (size === null ? "unknown" : bytesInWords(size))],
    ["Cog version", ({ cog_version }: VersionFacts) => cog_version ?? "not specified"],
    ["Built for", ({ builtFor }: VersionFacts) => builtFor],
  ] as const
  return (
    <Table label="Images of both versions">
      <thead>
        <tr>
          <th scope="col">Image</th>
          <th scope="col">{shortId(older.id)}</th>
          <th scope="col">{shortId(newer.id)}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, of]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{of(older)}</td>
            <td className={of(older) === of(newer) ? "" : "font-semibold"}>{of(newer)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}

const VersionLink = ({ base, id }: { base: string; id: string }) => (
  <Link href={`${base}/versions/${id}`} className="link font-mono text-sm">
    {shortId(id)}
  </Link>
)
