"use client"

import { createContext, type ReactNode, use, useMemo, useState } from "react"

import { savePreference } from "@/components/preference"
import { Button } from "@/components/ui/button"
import { CheckIcon, ChevronRightIcon } from "@/components/ui/icons"
import { hasStarted, type PushState } from "@/lib/pushes/state"
import { toolsPreference } from "./tools-preference"
import { usePush } from "./push-watch"

const titles = { setup: "Set up", login: "Log in", push: "Push" }
type StepName = keyof typeof titles
const order = Object.keys(titles) as StepName[]

type Known = {
  /** Whether the user confirmed that they have the tools and the code. */
  hasTools: boolean
  /** Whether this model has a push token. */
  hasToken: boolean
}

const Steps = createContext<Known & { rememberTools: () => void }>({
  hasTools: false,
  hasToken: false,
  rememberTools() {},
})

/** Whether a step is done. Signing in with a client implies the tools, and sending content implies the code. */
function doneBy(step: StepName, push: PushState, { hasTools, hasToken }: Known): boolean {
  switch (step) {
    case "setup":
      return hasTools || push.signed_in || hasStarted(push)
    case "login":
      return hasToken || push.signed_in || hasStarted(push)
    case "push":
      return push.version !== null
  }
}

/** The list of steps to the first version. */
export function FirstSteps({ hasTools: atFirst, hasToken, children }: Known & { children: ReactNode }) {
  const [hasTools, setHasTools] = useState(atFirst)
  const value = useMemo(
    () => ({
      hasTools,
      hasToken,
      rememberTools() {
        setHasTools(true)
        savePreference(toolsPreference, "here")
      },
    }),
    [hasTools, hasToken],
  )
  return (
    <Steps value={value}>
      <ol className="rounded-xl border border-line bg-surface">{children}</ol>
    </Steps>
  )
}

/** One step to the first version. It completes automatically. */
export function FirstStep({ step, lead, children }: { step: StepName; lead: ReactNode; children: ReactNode }) {
  const push = usePush()
  const known = use(Steps)
  const done = doneBy(step, push, known)
  const current = order.find((one) => !doneBy(one, push, known)) === step
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
          <div className="mt-1 text-sm text-muted">{lead}</div>
        </div>
      </div>
      <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-3">{children}</div>
    </li>
  )
}

/** Installation of tools and code, folded for users who have them. */
export function SetUp({ children }: { children: ReactNode }) {
  const { hasTools, rememberTools } = use(Steps)
  const [open, setOpen] = useState(!hasTools)
  return (
    <>
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)} className="group/setup">
        <summary className="inline-flex min-h-8 items-center gap-1.5 rounded-sm text-sm font-medium">
          <ChevronRightIcon size={16} className="-ml-0.5 text-muted transition-transform group-open/setup:rotate-90" />
          <span>Tools and code</span>
        </summary>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-3 pt-2">{children}</div>
      </details>
      {!hasTools && (
        <div className="noscript:hidden">
          <Button
            onClick={() => {
              rememberTools()
              setOpen(false)
            }}
          >
            I have these
          </Button>
        </div>
      )}
    </>
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
