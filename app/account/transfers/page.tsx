import type { Metadata } from "next"
import Link from "next/link"

import { Button } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { Time } from "@/components/ui/time"
import { VisibilityBadge } from "@/components/visibility-badge"
import { requireActor } from "@/lib/next/action"
import { newFormKey, param } from "@/lib/next/page"
import { listTransfersFrom, listTransfersTo } from "@/lib/transfers/transfer"
import { AcceptForm } from "./accept-form"
import { declineTransferAction } from "./actions"

export const metadata: Metadata = { title: "Transfers", robots: { index: false } }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function TransfersPage({ searchParams }: Props) {
  const query = await searchParams
  const actor = await requireActor("/account/transfers")
  const formKey = await newFormKey()
  const [incoming, outgoing] = [await listTransfersTo(actor), await listTransfersFrom(actor)]

  return (
    <div className="max-w-3xl">
      <PageHeader
        title="Transfers"
        lead="Models offered to you or by you. A model stays with its owner until the transfer is accepted."
        className="mb-8"
      />
      {param(query.declined) && (
        <Notice kind="success" role="status" className="mb-6">
          Transfer declined.
        </Notice>
      )}
      {param(query.gone) && (
        <Notice kind="warn" role="status" className="mb-6">
          This offer is no longer open.
        </Notice>
      )}
      <section aria-labelledby="incoming">
        <h2 id="incoming" className="mb-4">
          Offered to you
        </h2>
        {incoming.length === 0 ? (
          <EmptyState title="No transfers offered to you">
            When somebody wants to transfer a model to you, it appears here.
          </EmptyState>
        ) : (
          <ul className="grid gap-4">
            {incoming.map((transfer) => (
              <li
                key={transfer.id}
                className="grid grid-cols-[minmax(0,1fr)] gap-4 rounded-xl border border-line bg-surface p-5"
              >
                <div className="grid gap-1">
                  <h3 className="flex flex-wrap items-center gap-2 font-mono text-base font-normal tracking-normal wrap-anywhere">
                    {transfer.from}/{transfer.name}
                    <VisibilityBadge visibility={transfer.visibility} />
                  </h3>
                  {transfer.description && <p className="wrap-anywhere text-muted">{transfer.description}</p>}
                  <p className="text-sm text-muted">
                    From{" "}
                    <Link href={`/${transfer.from}`} className="link">
                      {transfer.from}
                    </Link>{" "}
                    to {transfer.to === actor.username ? "you" : transfer.to}, <Time iso={transfer.created_at} />.
                  </p>
                  {transfer.visibility === "private" && (
                    <p className="text-sm text-muted">
                      It stays private: {transfer.from} will no longer see it, and {transfer.to} pays for its setup and
                      idle time.
                    </p>
                  )}
                </div>
                <AcceptForm id={transfer.id} formKey={formKey} name={transfer.name} to={transfer.to} />
                <form action={declineTransferAction} className="border-t border-line pt-4">
                  <input type="hidden" name="id" value={transfer.id} />
                  <Button
                    type="submit"
                    variant="quiet"
                    size="sm"
                    aria-label={`Decline ${transfer.from}/${transfer.name}`}
                  >
                    Decline
                  </Button>
                </form>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section aria-labelledby="outgoing" className="mt-12">
        <h2 id="outgoing" className="mb-4">
          Offered by you
        </h2>
        {outgoing.length === 0 ? (
          <p className="text-muted">None. To offer a transfer, open the settings of a model.</p>
        ) : (
          <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
            {outgoing.map((transfer) => (
              <li key={transfer.id} className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-5 py-3.5">
                <span className="min-w-0 wrap-anywhere">
                  <span className="font-mono text-sm">
                    {transfer.from}/{transfer.name}
                  </span>{" "}
                  <span className="text-muted">
                    to {transfer.to}, <Time iso={transfer.created_at} />
                  </span>
                </span>
                <Link href={`/${transfer.from}/${transfer.name}/settings#transfer`} className="link text-sm">
                  Withdraw in settings
                </Link>
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  )
}
