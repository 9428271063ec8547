"use client"

import { useState } from "react"

import { CodeBlock } from "@/components/ui/code-block"
import { CopyButton } from "@/components/ui/copy-button"
import { Tabs } from "@/components/ui/tabs"
import { costFigures } from "@/lib/hardware/cost"
import { createBody, createSnippets } from "@/lib/models/snippets"
import type { CreateValues } from "./prefill"

const setupSeconds = 60
const idleSeconds = 300

/** The cost in one sentence, for screens where the summary is below the button. */
export function CostInShort({ values, own, price }: { values: CreateValues; own: boolean; price: string }) {
  const { perSecond, alwaysOnPerMonth } = costFigures(price, { runSeconds: 1, setupSeconds, idleSeconds })
  return (
    <p className="basis-full text-sm lg:hidden">
      {values.visibility === "private"
        ? `${own ? "You pay" : `${values.owner} pays`} ${perSecond} per second while it is up, ${alwaysOnPerMonth} per month if it never stops.`
        : `Whoever runs it pays ${perSecond} per active second.`}{" "}
      <a href="#meaning" className="link">
        Cost and access
      </a>
    </p>
  )
}

/** Access and cost of the current choices, and the request as code. */
export function Summary({
  values,
  seers,
  price,
  origin,
}: {
  values: CreateValues
  /** Who can see it while it is private. */ seers: string
  price: string | undefined
  origin: string
}) {
  const [runSeconds, setRunSeconds] = useState(5)
  const isPrivate = values.visibility === "private"
  const cost = price === undefined ? null : costFigures(price, { runSeconds, setupSeconds, idleSeconds })

  return (
    <aside
      aria-labelledby="meaning"
      className="content-start lg:sticky lg:top-6 lg:-mx-1 lg:max-h-[calc(100dvh-3rem)] lg:self-start lg:overflow-y-auto lg:px-1 lg:pb-1"
    >
      <div className="overflow-hidden rounded-xl border border-line bg-surface">
        <h2 id="meaning" className="border-b border-line px-4 py-3 text-base">
          Cost and access
        </h2>
        <dl className="grid gap-2 px-4 py-3.5 [&>div]:flex [&>div]:items-baseline [&>div]:justify-between [&>div]:gap-4 [&_dd]:text-right [&_dt]:text-muted [&>div:nth-child(-n+2)>dt]:shrink-0">
          <div>
            <dt>Visible to</dt>
            <dd className="min-w-0 wrap-anywhere">{isPrivate ? seers : "Everyone"}</dd>
          </div>
          <div>
            <dt>Paid by</dt>
            <dd className="min-w-0 wrap-anywhere">{isPrivate ? values.owner : "Whoever runs it"}</dd>
          </div>
          {cost && (
            <>
              <div>
                <dt>Active second</dt>
                <dd className="tabular-nums">{cost.perSecond}</dd>
              </div>
              <div>
                <dt>
                  1,000 runs at{" "}
                  <label>
                    <span className="sr-only">Seconds per run</span>
                    <input
                      type="number"
                      min={1}
                      max={86_400}
                      defaultValue={runSeconds}
                      onChange={(event) =>
                        setRunSeconds(Math.min(86_400, Math.max(0, Math.trunc(event.target.valueAsNumber) || 0)))
                      }
                      className="h-7 w-14 rounded-sm border border-field bg-bg px-1.5 text-right text-text tabular-nums"
                    />
                  </label>{" "}
                  s
                </dt>
                <dd className="tabular-nums">{cost.perThousandRuns}</dd>
              </div>
              {isPrivate && (
                <>
                  <div>
                    <dt>Cold start, {setupSeconds} s</dt>
                    <dd className="tabular-nums">{cost.coldStart}</dd>
                  </div>
                  <div>
                    <dt>Idle time after a run, {idleSeconds / 60} min</dt>
                    <dd className="tabular-nums">{cost.idleTail}</dd>
                  </div>
                  <div>
                    <dt>If it never stops</dt>
                    <dd className="tabular-nums">{cost.alwaysOnPerMonth} / month</dd>
                  </div>
                </>
              )}
            </>
          )}
        </dl>
        <h3 className="border-t border-line px-4 pt-3 text-sm font-semibold">As code</h3>
        <Tabs
          label="Language"
          tabs={createSnippets(origin, values).map(({ id, label, code }) => ({
            id,
            label,
            panel: <CodeBlock flush code={code} label={`Create this model with ${label}`} />,
          }))}
        />
      </div>
      <p className="mt-3 flex items-center justify-between gap-3 text-sm text-muted noscript:hidden">
        Link to this form with your choices
        <CopyButton
          text={`${origin}/create?${new URLSearchParams(createBody(values) as Record<string, string>)}`}
          label="Copy link to this form"
          worded
        />
      </p>
    </aside>
  )
}
