import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere } from "@/app/nothing-here"
import { Pager } from "@/components/pager"
import { Button, ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { Field, Select } from "@/components/ui/field"
import { PlusIcon, BoxIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import { may } from "@/lib/access/policy"
import { listDeployments } from "@/lib/deployments/deployment"
import { requireActor } from "@/lib/next/action"
import { pageFrom, param } from "@/lib/next/page"
import { accountsOf } from "../predictions/filter"
import { RolloutBadge } from "./rollout-badge"

export const metadata: Metadata = { title: "Deployments", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function DeploymentsPage({ searchParams }: Props) {
  const query = await searchParams
  const asked = param(query.account)
  const actor = await requireActor(asked ? `/deployments?account=${encodeURIComponent(asked)}` : "/deployments")
  const accounts = await accountsOf(actor)
  const account = accounts.find(({ username }) => username === (asked ?? actor.username))
  if (!account) return <NothingHere />
  const page = await pageFrom((from) => listDeployments(actor, from, account), param(query.cursor))
  const link = (to: string | null) =>
    to && `/deployments?${new URLSearchParams({ ...(asked && { account: asked }), cursor: to })}`
  const create = may(actor, "deploy", account.id) && (
    <ButtonLink href={`/deployments/create?owner=${account.username}`} variant="primary" icon={<PlusIcon size={16} />}>
      New deployment
    </ButtonLink>
  )
  return (
    <>
      <PageHeader
        title="Deployments"
        lead="Fixed endpoints that run a version on instances of their own."
        actions={page.rows.length > 0 && create}
        className="mb-6"
      />
      {param(query.deleted) && (
        <Notice kind="success" role="status" className="mb-6">
          Deployment deleted.
        </Notice>
      )}
      {accounts.length > 1 && (
        <form action="/deployments" className="mb-6 flex items-end gap-3">
          <Field label="Account">
            {(control) => (
              <Select {...control} name="account" defaultValue={account.username}>
                {accounts.map(({ username }) => (
                  <option key={username}>{username}</option>
                ))}
              </Select>
            )}
          </Field>
          <Button type="submit">Show</Button>
        </form>
      )}
      {page.rows.length === 0 ? (
        <EmptyState title="No deployments yet" icon={<BoxIcon size={28} />} action={create || undefined}>
          Deploy a version to get a fixed endpoint with instances that are ready when you need them.
        </EmptyState>
      ) : (
        <Table label={`Deployments of ${account.username}`}>
          <thead>
            <tr>
              <th scope="col">Deployment</th>
              <th scope="col">State</th>
              <th scope="col">Runs</th>
              <th scope="col">Hardware</th>
              <th scope="col" className="num">
                Instances
              </th>
              <th scope="col">Changed</th>
            </tr>
          </thead>
          <tbody>
            {page.rows.map((one) => (
              <tr key={one.id}>
                <th scope="row">
                  <Link href={`/deployments/${one.owner}/${one.name}`} className="link wrap-anywhere">
                    {one.name}
                  </Link>
                </th>
                <td>
                  <RolloutBadge deployment={one} />
                </td>
                <td className="wrap-anywhere">
                  <Link href={`/${one.serves.model}`} className="link">
                    {one.serves.model}
                  </Link>
                </td>
                <td className="font-mono text-sm whitespace-nowrap">{one.serves.hardware}</td>
                <td className="num">
                  {one.serves.min_instances}–{one.serves.max_instances}
                </td>
                <td className="whitespace-nowrap">
                  <Time iso={one.updated_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <Pager previous={link(page.previous)} next={link(page.next)} />
    </>
  )
}
