import Link from "next/link"

import type { ModelSummary } from "@/lib/models/present"
import { Cover } from "./cover"
import { CoverPlaceholder } from "./cover-placeholder"
import { CpuIcon, GpuIcon } from "./ui/icons"
import { Time } from "./ui/time"
import { VisibilityBadge } from "./visibility-badge"

type Props = {
  model: ModelSummary
  showOwner?: boolean
  /** Show a placeholder, because neighbouring cards have covers. */
  pictured?: boolean
}

/** A model in a list; the whole card is a link. */
function ModelCard({ model, showOwner = true, pictured = false }: Props) {
  const Chip = model.hardware.startsWith("gpu") ? GpuIcon : CpuIcon
  return (
    <li className="relative flex min-w-0 flex-col gap-1.5 rounded-xl border border-line bg-surface p-4 transition-colors hover:border-field">
      <h3 className="flex items-start justify-between gap-3 font-mono text-base font-normal tracking-normal">
        <Link
          href={`/${model.owner}/${model.name}`}
          className="min-w-0 rounded-sm wrap-anywhere after:absolute after:inset-0 after:rounded-xl hover:text-accent"
        >
          {showOwner && <span className="text-muted">{model.owner}/</span>}
          <span className="font-medium">{model.name}</span>
        </Link>
        {model.visibility === "private" && <VisibilityBadge visibility="private" />}
      </h3>
      {model.cover ? (
        <Cover src={model.cover} alt={`Cover of ${model.name}`} className="order-first mb-1.5" />
      ) : (
        pictured && (
          <CoverPlaceholder of={`${model.owner}/${model.name}`} className="order-first mb-1.5 max-sm:hidden" />
        )
      )}
      {model.description && (
        <p dir="auto" className="line-clamp-2 text-sm text-muted wrap-anywhere">
          {model.description}
        </p>
      )}
      <p className="mt-auto flex flex-wrap items-baseline gap-x-3 pt-1 text-sm text-muted">
        <span className="flex items-baseline gap-1.5">
          <Chip size={14} className="self-center" />
          <span className="sr-only">Hardware: </span>
          <span className="font-mono text-xs">{model.hardware}</span>
        </span>
        {model.latest_version && <span>{runs(model.run_count)}</span>}
        <span>
          Created <Time iso={model.created_at} />
        </span>
      </p>
    </li>
  )
}

const runs = (count: number) => (count === 1 ? "1 run" : `${count.toLocaleString("en-US")} runs`)

export const ModelGrid = ({ models, showOwner }: { models: ModelSummary[]; showOwner?: boolean }) => (
  <ul className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
    {models.map((model) => (
      <ModelCard
        key={`${model.owner}/${model.name}`}
        model={model}
        showOwner={showOwner}
        pictured={models.some((one) => one.cover !== null)}
      />
    ))}
  </ul>
)
