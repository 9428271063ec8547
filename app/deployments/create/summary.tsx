"use client"

import { CodeBlock } from "@/components/ui/code-block"
import { CopyButton } from "@/components/ui/copy-button"
import { Disclosure } from "@/components/ui/disclosure"
import { Tabs } from "@/components/ui/tabs"
import { createDeploymentSnippets, placeholderName } from "@/lib/deployments/create-snippets"
import { trafficDays, typicalCost, type Traffic } from "@/lib/deployments/estimate"
import { Estimate } from "../estimate"
import type { CreateValues } from "../fields"
import { useTraffic } from "./use-traffic"

type Props = {
  values: CreateValues
  /** Whether the owner is the viewer, not an organization. */
  own: boolean
  price: string | undefined
  traffic: Traffic | null
  origin: string
}

/** The cost of the deployment in the form, and the request as code. */
export function Summary({ values, own, price, traffic, origin }: Props) {
  const { owner, model, min_instances: min, max_instances: max } = values
  const recent = useTraffic(owner, model, traffic)
  const filled = Object.entries(values).filter(([, text]) => text.trim() !== "")
  return (
    <aside
      aria-label="Cost and code"
      className="lg:sticky lg:top-6 lg:-mx-1 lg:max-h-[calc(100dvh-3rem)] lg:self-start lg:overflow-y-auto lg:overscroll-contain lg:p-1"
    >
      <Estimate usdPerSecond={price} min={min} max={max} typical={recent && typicalCost(price, [min, max], recent)}>
        {recent
          ? `Typical is what ${recent.owner} ran of ${recent.of} in the last ${trafficDays} days: ${timeOf(recent)} of instances.`
          : model.trim() === ""
            ? "Typical follows from what the owner ran of the model lately."
            : `Typical needs traffic: ${owner} has not run this model in the last ${trafficDays} days.`}
      </Estimate>
      <Disclosure
        summary="As code"
        className="mt-4 overflow-hidden rounded-xl border border-line bg-surface [&>summary]:mx-4 [&>summary]:my-1.5"
      >
        {(values.name.trim() === "" || !own) && (
          <p className="px-4 pb-2 text-sm text-muted">
            {values.name.trim() === "" && (
              <span>
                <span>Replace </span>
                <code className="text-xs">{placeholderName}</code>
                <span> with its name. </span>
              </span>
            )}
            {!own && <span>{`The token has to be one of ${owner}’s own.`}</span>}
          </p>
        )}
        <Tabs
          label="Language"
          tabs={createDeploymentSnippets(origin, values).map(({ id, label, code }) => ({
            id,
            label,
            panel: <CodeBlock flush wrap code={code} label={`Create this deployment with ${label}`} />,
          }))}
        />
      </Disclosure>
      <p className="mt-3 flex items-center justify-between gap-3 text-sm text-muted noscript:hidden">
        <span>Link to this form with your choices</span>
        <CopyButton
          text={`${origin}/deployments/create?${new URLSearchParams(filled)}`}
          label="Copy link to this form"
          worded
        />
      </p>
    </aside>
  )
}

/** A duration such as "2.5 hours", in minutes or seconds if it is short. */
function timeOf({ seconds }: Traffic): string {
  const [amount, unit] =
    seconds >= 5400 ? [seconds / 3600, "hours"] : seconds >= 90 ? [seconds / 60, "minutes"] : [seconds, "seconds"]
  return `${amount.toLocaleString("en-US", { maximumFractionDigits: 1 })} ${unit}`
}
