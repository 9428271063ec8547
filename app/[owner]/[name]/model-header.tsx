import Link from "next/link"

import { Cover } from "@/components/cover"
import { StateBadge } from "@/components/run/run-estimate"
import { CopyButton } from "@/components/ui/copy-button"
import { CpuIcon, ExternalIcon, GlobeIcon, GpuIcon } from "@/components/ui/icons"
import { VisibilityBadge } from "@/components/visibility-badge"
import type { ModelSummary } from "@/lib/models/present"
import type { Estimate } from "@/lib/predictions/estimate"
import { Description } from "./description"

const links = [
  ["github_url", "GitHub"],
  ["paper_url", "Paper"],
  ["license_url", "License"],
  ["weights_url", "Weights"],
] as const

type Props = {
  model: ModelSummary
  hardware: { sku: string; name: string; gpus: number } | null
  /** The state of the latest version's instances. */
  state?: Estimate["state"]
}

const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 })

/** Owner, name, visibility, hardware, description and links of a model. */
export function ModelHeader({ model, hardware, state }: Props) {
  const Chip = hardware?.gpus ? GpuIcon : CpuIcon
  const present = links.filter(([field]) => model[field])
  return (
    <header className="flex items-start justify-between gap-x-8 gap-y-4 max-sm:flex-col print:mb-8">
      <div className="grid min-w-0 gap-3">
        {/* Inline, so that the button follows the last letter of a title that wraps. */}
        <div className="-my-0.5 text-2xl wrap-anywhere">
          <h1 className="inline font-mono text-2xl font-normal tracking-normal">
            <Link href={`/${model.owner}`} className="rounded-sm text-muted hover:text-text hover:underline">
              {model.owner}
            </Link>
            <span className="text-muted">/</span>
            <span className="font-medium">{model.name}</span>
          </h1>
          <CopyButton
            text={`${model.owner}/${model.name}`}
            label="Copy the model name"
            className="ml-1 align-[-0.2rem]"
          />
        </div>
        {model.description && <Description key={model.description} text={model.description} />}
        <ul className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm text-muted">
          <li>
            <VisibilityBadge visibility={model.visibility} />
          </li>
          {state && (
            <li>
              <StateBadge state={state} />
            </li>
          )}
          {model.run_count > 0 && (
            <li>{`${short.format(model.run_count)} ${model.run_count === 1 ? "run" : "runs"}`}</li>
          )}
          {hardware && (
            <li className="flex items-center gap-1.5">
              <Chip size={16} />
              {hardware.name}
            </li>
          )}
          {model.egress === "internet" && (
            <li className="flex items-center gap-1.5">
              <GlobeIcon size={16} />
              Can reach the Internet
            </li>
          )}
          {present.map(([field, label]) => (
            <li key={field}>
              <a
                href={model[field]!}
                rel="nofollow noopener noreferrer"
                className="link inline-flex items-center gap-1"
              >
                {label}
                <ExternalIcon size={14} />
              </a>
            </li>
          ))}
        </ul>
      </div>
      {model.cover && (
        <Cover
          src={model.cover}
          alt={`Cover of ${model.owner}/${model.name}`}
          eager
          className="w-full max-w-sm shrink-0 sm:w-56"
        />
      )}
    </header>
  )
}
