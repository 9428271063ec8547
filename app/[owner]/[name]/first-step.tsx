"use client"

import type { ReactNode } from "react"

import { CheckIcon } from "@/components/ui/icons"
import { hasStarted, type PushState } from "@/lib/pushes/state"
import { usePush } from "./push-watch"

const titles = { install: "Install the tools", code: "Get the code", login: "Log in", push: "Push", run: "Run it" }
export type StepName = keyof typeof titles
const order = Object.keys(titles) as StepName[]

/** Pushing implies the earlier steps: whoever signs in has the tools, whoever sends something has the code. */
function doneBy(step: StepName, push: PushState): boolean {
  switch (step) {
    case "install":
    case "login":
      return push.signed_in || hasStarted(push)
    case "code":
      return hasStarted(push)
    case "push":
      return push.version !== null
    case "run":
      return push.pulled
  }
}

/** One step to the first version. It completes automatically. */
export function FirstStep({ step, lead, children }: { step: StepName; lead: ReactNode; children: ReactNode }) {
  const push = usePush()
  const done = doneBy(step, push)
  const current = order.find((one) => !doneBy(one, push)) === step
  return (
    <li
      aria-current={current ? "step" : undefined}
      className="grid grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-3 border-t border-line p-5 first:border-0 md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]"
    >
      <div className="flex gap-3.5">
        <Tick step={step} done={done} current={current} />
        <div className="min-w-0">
          <h3>
            {titles[step]}
            {done && <span className="sr-only"> (done)</span>}
          </h3>
          <p className="mt-1 text-sm text-muted">{lead}</p>
        </div>
      </div>
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-3">{children}</div>
    </li>
  )
}

/** The steps after a first push, until somebody has pulled the image. */
export function LastStep() {
  const { pulled } = usePush()
  return (
    <section
      aria-labelledby="last-step"
      data-print="hide"
      className="mb-10 rounded-xl border border-line bg-surface p-5"
    >
      <h2 id="last-step" className="text-lg">
        {pulled ? "All steps completed" : "Last step: run it"}
      </h2>
      <p role="status" className="mt-1 max-w-2xl text-sm text-muted">
        {pulled
          ? "The image was pulled. Whoever pulled it can now run it."
          : "The command below pulls the image on any machine that does not have it yet. This step then completes automatically."}
      </p>
      <ol className="mt-4 flex flex-wrap gap-x-6 gap-y-3">
        {order.map((step) => {
          const done = step !== "run" || pulled
          return (
            <li key={step} aria-current={done ? undefined : "step"} className="flex items-center gap-2 text-sm">
              <Tick step={step} done={done} current={!done} />
              {step === "run" && !pulled ? (
                <a href="#run" className="link">
                  {titles[step]}
                </a>
              ) : (
                <span>{titles[step]}</span>
              )}
              {done && <span className="sr-only"> (done)</span>}
            </li>
          )
        })}
      </ol>
    </section>
  )
}

const Tick = ({ step, done, current }: { step: StepName; done: boolean; current: boolean }) => (
  <span
    aria-hidden="true"
    className={`flex size-7 shrink-0 items-center justify-center rounded-full border text-sm font-semibold transition-colors ${done ? "border-accent bg-accent text-on-accent" : current ? "border-accent text-accent" : "border-field text-muted"}`}
  >
    {done ? <CheckIcon size={16} /> : order.indexOf(step) + 1}
  </span>
)
