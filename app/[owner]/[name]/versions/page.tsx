import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { Pager } from "@/components/pager"
import { Badge } from "@/components/ui/badge"
import { Button } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import { currentActor } from "@/lib/next/session"
import { nullIfUnavailable, pageFrom, param } from "@/lib/next/page"
import { usernamesOf } from "@/lib/owners/owner"
import { listAliases } from "@/lib/versions/alias"
import { listVersions } from "@/lib/versions/version"
import { ModelHeader } from "../model-header"
import { ModelTabs } from "../model-tabs"
import { loadModelPage } from "../load-model-page"
import { bytesInWords, facts, shortId } from "./load-version"

type Props = {
  params: Promise<{ owner: string; name: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/versions")
  if (!page) return nothingHere
  return {
    title: `Versions of ${owner}/${name}`,
    ...(page.model.visibility === "private" && { robots: { index: false } }),
  }
}

export default async function VersionsPage({ params, searchParams }: Props) {
  const [{ owner, name }, query] = await Promise.all([params, searchParams])
  const page = await loadModelPage(owner, name, "/versions")
  if (!page) return <NothingHere />
  const { model, hardware } = page
  const base = `/${owner}/${name}`
  const actor = await currentActor()
  const found = await nullIfUnavailable(pageFrom((from) => listVersions(actor, owner, name, from), param(query.cursor)))
  if (!found) return <NothingHere />
  const [pushers, aliases] = await Promise.all([
    usernamesOf(found.rows.map(({ pushed_by }) => pushed_by)),
    listAliases(actor, owner, name),
  ])
  const versions = found.rows.map((row) => facts(row, pushers))
  const link = (cursor: string | null) => cursor && `${base}/versions?cursor=${encodeURIComponent(cursor)}`

  return (
    <>
      <ModelHeader model={model} hardware={hardware} />
      <ModelTabs
        base={base}
        current="versions"
        hasVersions={page.model.latest_version !== null}
        trains={page.trains}
        mine={page.mine}
      />
      {param(query.deleted) && (
        <p role="status" className="mb-4 text-sm text-muted">
          Version deleted. The next daily garbage collection frees its storage.
        </p>
      )}
      {versions.length === 0 ? (
        <EmptyState title="No versions yet">
          Versions appear here when you push:{" "}
          <Link href={base} className="link">
            how to push
          </Link>
          .
        </EmptyState>
      ) : (
        <form action={`${base}/versions/compare`}>
          <Table label={`Versions of ${owner}/${name}`}>
            <thead>
              <tr>
                <th scope="col">Version</th>
                <th scope="col">Pushed</th>
                <th scope="col">By</th>
                <th scope="col">Commit</th>
                <th scope="col">Cog</th>
                <th scope="col" className="num">
                  Size
                </th>
                <th scope="col" className="num">
                  Layers
                </th>
                {versions.length > 1 && <th scope="col">Compare</th>}
              </tr>
            </thead>
            <tbody>
              {versions.map((version, at) => (
                <tr key={version.id}>
                  <th scope="row" className="whitespace-nowrap">
                    <Link href={`${base}/versions/${version.id}`} className="link font-mono text-sm">
                      {shortId(version.id)}
                    </Link>
                    {aliases
                      .filter((alias) => alias.version === version.id)
                      .slice(0, 4)
                      .map((alias) => (
                        <span key={alias.name} className="ml-1.5">
                          <Badge tone={alias.name === "latest" ? "accent" : "neutral"}>{alias.name}</Badge>
                        </span>
                      ))}
                  </th>
                  <td className="whitespace-nowrap">
                    <Time iso={version.pushed_at} />
                  </td>
                  <td>{version.pushed_by}</td>
                  <td className="font-mono text-sm whitespace-nowrap">
                    {version.revision ? version.revision.slice(0, 9) : <span className="text-muted">–</span>}
                  </td>
                  <td className="whitespace-nowrap">{version.cog_version ?? <span className="text-muted">–</span>}</td>
                  <td className="num">{version.size === null ? "–" : bytesInWords(version.size)}</td>
                  <td className="num">{version.layers ?? "–"}</td>
                  {versions.length > 1 && (
                    <td className="whitespace-nowrap">
                      <label className="inline-flex min-h-8 items-center gap-1.5 text-sm">
                        <input type="radio" name="from" value={version.id} defaultChecked={at === 1} required /> from
                      </label>
                      <label className="ml-3 inline-flex min-h-8 items-center gap-1.5 text-sm">
                        <input type="radio" name="to" value={version.id} defaultChecked={at === 0} required /> to
                      </label>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </Table>
          {versions.length > 1 && (
            <p className="mt-4">
              <Button type="submit">Compare</Button>
            </p>
          )}
        </form>
      )}
      <Pager previous={link(found.previous)} next={link(found.next)} />
    </>
  )
}
