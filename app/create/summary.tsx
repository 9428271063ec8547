"use client"

import { type ReactNode, useState } from "react"

import { CodeBlock } from "@/components/ui/code-block"
import { CopyButton } from "@/components/ui/copy-button"
import { Disclosure } from "@/components/ui/disclosure"
import { ChevronRightIcon } from "@/components/ui/icons"
import { Tabs } from "@/components/ui/tabs"
import { costFigures } from "@/lib/hardware/cost"
import { createBody, createSnippets } from "@/lib/models/snippets"
import type { CreateValues } from "./prefill"
import { SubmitCard } from "./submit-bar"

const setupSeconds = 60
const idleSeconds = 300
const placeholderName = "my-model"

type Props = {
  values: CreateValues
  /** Who can see the model if it is private. */
  seers: string
  price: string | undefined
  origin: string
  pending: boolean
}

/** What the values in the form mean and cost, and the request as code. */
export function Summary({ values, seers, price, origin, pending }: Props) {
  const isPrivate = values.visibility === "private"
  const unnamed = values.name.trim() === ""

  return (
    <aside
      aria-labelledby="meaning"
      className="lg:sticky lg:top-6 lg:-mx-1 lg:max-h-[calc(100dvh-3rem)] lg:self-start lg:overflow-y-auto lg:overscroll-contain lg:p-1"
    >
      <SubmitCard pending={pending} />
      <div className="overflow-hidden rounded-xl border border-line bg-surface">
        <h2 id="meaning" className="border-b border-line px-4 py-3 text-base">
          Cost and access
        </h2>
        <dl className={`${list} px-4 py-3.5 [&>div:nth-child(-n+2)>dt]:shrink-0`}>
          <Row label="Visible to">{isPrivate ? seers : "Everyone"}</Row>
          <Row label="Paid by">{isPrivate ? values.owner : "Whoever runs it"}</Row>
          {price !== undefined && (
            <Row label="Price per hour">{costFigures(price, { runSeconds: 1, setupSeconds, idleSeconds }).perHour}</Row>
          )}
        </dl>
        {price !== undefined && (
          <Disclosure summary="Estimate cost" className="border-t border-line px-4 py-1.5">
            <Estimate price={price} isPrivate={isPrivate} />
          </Disclosure>
        )}
        <details className="group/code border-t border-line">
          <summary className="flex min-h-11 items-center gap-1.5 px-4 font-semibold">
            <ChevronRightIcon size={16} className="-ml-0.5 text-muted transition-transform group-open/code:rotate-90" />
            <span>As code</span>
          </summary>
          {unnamed && (
            <p className="px-4 pb-2 text-sm text-muted">
              <span>Replace </span>
              <code className="text-xs">{placeholderName}</code>
              <span> with your model’s name.</span>
            </p>
          )}
          <Tabs
            label="Language"
            tabs={createSnippets(origin, { ...values, name: unnamed ? placeholderName : values.name }).map(
              ({ id, label, code }) => ({
                id,
                label,
                panel: <CodeBlock flush wrap code={code} label={`Create this model with ${label}`} />,
              }),
            )}
          />
        </details>
      </div>
      <p className="mt-3 flex items-center justify-between gap-3 text-sm text-muted noscript:hidden">
        <span>Link to this form with your choices</span>
        <CopyButton
          text={`${origin}/create?${new URLSearchParams(createBody(values) as Record<string, string>)}`}
          label="Copy link to this form"
          worded
        />
      </p>
    </aside>
  )
}

const list =
  "grid gap-2 [&>div]:flex [&>div]:items-baseline [&>div]:justify-between [&>div]:gap-4 [&_dd]:text-right [&_dt]:text-muted"

const Row = ({ label, children }: { label: ReactNode; children: ReactNode }) => (
  <div>
    <dt>{label}</dt>
    <dd className="min-w-0 tabular-nums wrap-anywhere">{children}</dd>
  </div>
)

/** What the model costs, for runs of a duration that the viewer can change. */
function Estimate({ price, isPrivate }: { price: string; isPrivate: boolean }) {
  const [runSeconds, setRunSeconds] = useState(5)
  const cost = costFigures(price, { runSeconds, setupSeconds, idleSeconds })
  const seconds = (
    <label>
      <span className="sr-only">Seconds per run</span>
      <input
        type="number"
        min={1}
        max={86_400}
        defaultValue={runSeconds}
        onChange={(event) => setRunSeconds(Math.min(86_400, Math.max(0, Math.trunc(event.target.valueAsNumber) || 0)))}
        className="h-7 w-14 rounded-sm border border-field bg-bg px-1.5 text-right text-text tabular-nums"
      />
    </label>
  )

  return (
    <dl className={`${list} pb-2`}>
      <Row label="Active second">{cost.perSecond}</Row>
      <Row
        label={
          <>
            <span>1,000 runs at </span>
            {seconds}
            <span> seconds each</span>
          </>
        }
      >
        {cost.perThousandRuns}
      </Row>
      {isPrivate && (
        <>
          <Row label={`Cold start, ${setupSeconds} s`}>{cost.coldStart}</Row>
          <Row label={`Idle time after a run, ${idleSeconds / 60} min`}>{cost.idleTail}</Row>
          <Row label="If it never stops">{`${cost.alwaysOnPerMonth} / month`}</Row>
        </>
      )}
    </dl>
  )
}
