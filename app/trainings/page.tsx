import type { Metadata } from "next"

import { Pager } from "@/components/pager"
import { ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { PageHeader } from "@/components/ui/page-header"
import { requireActor } from "@/lib/next/action"
import { param } from "@/lib/next/page"
import { listTrainings } from "@/lib/trainings/training"
import { TrainingList } from "./training-list"

export const metadata: Metadata = { title: "Your trainings" }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

const perPage = 50

export default async function TrainingsPage({ searchParams }: Props) {
  const actor = await requireActor("/trainings")
  const { rows, next, previous } = await listTrainings(
    actor,
    param((await searchParams).cursor),
    {},
    undefined,
    perPage,
  )
  const at = (cursor: string | null) => cursor && `/trainings?cursor=${encodeURIComponent(cursor)}`

  return (
    <>
      <PageHeader
        title="Your trainings"
        lead="Each training creates a version of one of your models. Newest first."
        className="mb-8"
      />
      {rows.length === 0 ? (
        <EmptyState title="No trainings yet" action={<ButtonLink href="/explore">Explore models</ButtonLink>}>
          <p>Models that can be trained have a tab called Train.</p>
        </EmptyState>
      ) : (
        <TrainingList trainings={rows} />
      )}
      <Pager previous={at(previous)} next={at(next)} />
    </>
  )
}
