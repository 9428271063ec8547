"use client"

import type { ReactNode } from "react"

import { CheckIcon } from "@/components/ui/icons"
import { hasBegun, type PushState } from "@/lib/pushes/state"
import { usePush } from "./push-watch"

const order = ["install", "code", "login", "push", "run"] as const
export type StepName = (typeof order)[number]

/** What a push tells of the steps that led to it: who signs in has the tools, and who sends something has the code. */
function doneBy(step: StepName, push: PushState): boolean {
  switch (step) {
    case "install":
    case "login":
      return push.signed_in || hasBegun(push)
    case "code":
      return hasBegun(push)
    case "push":
      return push.version !== null
    case "run":
      return false
  }
}

/** One step of the way to a first version. It ticks itself. */
export function FirstStep({ step, title, lead, children }: { step: StepName; title: string; lead: ReactNode; children: ReactNode }) {
  const push = usePush()
  const done = doneBy(step, push)
  const current = order.find((one) => !doneBy(one, push)) === step
  return (
    <li aria-current={current ? "step" : undefined} className="grid grid-cols-[minmax(0,1fr)] gap-x-8 gap-y-3 border-t border-line p-5 first:border-0 md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <div className="flex gap-3.5">
        <span
          aria-hidden="true"
          className={`flex size-7 shrink-0 items-center justify-center rounded-full border text-sm font-semibold transition-colors ${done ? "border-accent bg-accent text-on-accent" : current ? "border-accent text-accent" : "border-field text-muted"}`}
        >
          {done ? <CheckIcon size={16} /> : order.indexOf(step) + 1}
        </span>
        <div className="min-w-0">
          <h3>
            {title}
            {done && <span className="sr-only"> (done)</span>}
          </h3>
          <p className="mt-1 text-sm text-muted">{lead}</p>
        </div>
      </div>
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-3">{children}</div>
    </li>
  )
}
