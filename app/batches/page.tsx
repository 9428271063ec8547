import type { Metadata } from "next"
import Link from "next/link"

import { Pager } from "@/components/pager"
import { Badge } from "@/components/ui/badge"
import { EmptyState } from "@/components/ui/empty-state"
import { PageHeader } from "@/components/ui/page-header"
import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import { listBatches } from "@/lib/batches/batch"
import { requireActor } from "@/lib/next/action"
import { pageFrom, param } from "@/lib/next/page"
import { stateOf } from "./words"

export const metadata: Metadata = { title: "Batches", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function BatchesPage({ searchParams }: Props) {
  const actor = await requireActor("/batches")
  const page = await pageFrom((from) => listBatches(actor, from), param((await searchParams).cursor))
  const batches = page.rows
  const link = (to: string | null) => to && `/batches?cursor=${to}`
  return (
    <>
      <PageHeader
        title="Batches"
        lead="Many inputs run on one version, and trials of new versions on earlier inputs."
        className="mb-8"
      />
      {batches.length === 0 ? (
        <EmptyState title="No batches yet">
          Choose “Run many inputs” in the playground of a model, or try a version on its page.
        </EmptyState>
      ) : (
        <Table label="Your batches">
          <thead>
            <tr>
              <th scope="col">Batch</th>
              <th scope="col">Model</th>
              <th scope="col">State</th>
              <th scope="col">Created</th>
              <th scope="col" className="num">
                Started
              </th>
            </tr>
          </thead>
          <tbody>
            {batches.map((batch) => (
              <tr key={batch.id}>
                <th scope="row">
                  <Link href={`/batches/${batch.id}`} className="link font-mono text-sm">
                    {batch.id.slice(0, 12)}
                  </Link>
                </th>
                <td className="font-mono text-sm">{batch.model || "deleted"}</td>
                <td>
                  <Badge tone={stateOf(batch).tone}>{stateOf(batch).badge}</Badge>
                </td>
                <td className="whitespace-nowrap">
                  <Time iso={batch.created_at} />
                </td>
                <td className="num">{`${batch.next} of ${batch.total}`}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <Pager previous={link(page.previous)} next={link(page.next)} />
    </>
  )
}
