"use client"

import Link from "next/link"
import type { ReactNode } from "react"

import { CheckCircleIcon, ClockIcon, ErrorIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { hasStarted } from "@/lib/pushes/state"
import { usePush } from "./push-watch"

/** Progress of a push to this model. */
export function PushChecklist({ owner, name }: { owner: string; name: string }) {
  const push = usePush()
  const { bytes, layers, tag, inputs, version, refused } = push
  const begun = hasStarted(push)
  const steps: [done: boolean, text: ReactNode][] = [
    [
      begun,
      begun
        ? `Receiving: ${(bytes / 1e6).toFixed(1)} MB in ${layers} ${layers === 1 ? "layer" : "layers"}`
        : "Waiting for your push",
    ],
    [tag !== null, tag === null ? "Manifest" : `Image received with tag ${tag}`],
    [inputs !== null, inputs === null ? "Schema" : `Inputs read: ${inputs} ${inputs === 1 ? "input" : "inputs"}`],
    [
      version !== null,
      version === null ? (
        "Version"
      ) : (
        <Link key="made" href={`/${owner}/${name}/versions/${version}`} className="link">
          Version {version.slice(0, 12)} is made
        </Link>
      ),
    ],
  ]

  return (
    <div className="noscript:hidden" data-testid="push-checklist">
      <ol aria-label="Push progress" className="grid gap-1.5">
        {steps.map(([done, text], at) => (
          <li key={at} className={`flex items-center gap-2 text-sm ${done ? "" : "text-muted"}`}>
            {done ? (
              <CheckCircleIcon size={16} className="text-accent" />
            ) : refused ? (
              <ErrorIcon size={16} />
            ) : (
              <ClockIcon size={16} />
            )}
            <span className="sr-only">{done ? "Done: " : "To come: "}</span>
            <span>{text}</span>
          </li>
        ))}
      </ol>
      <div role="status">
        {refused && (
          <Notice kind="danger" title="Push rejected" className="mt-3">
            {refused}
          </Notice>
        )}
      </div>
    </div>
  )
}
