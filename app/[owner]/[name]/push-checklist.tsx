"use client"

import Link from "next/link"
import type { ReactNode } from "react"

import { CheckCircleIcon, ClockIcon, ErrorIcon } from "@/components/ui/icons"
import { Notice } from "@/components/ui/notice"
import { hasStarted } from "@/lib/pushes/state"
import { usePush } from "./push-watch"

/** The progress of a push to this model, once one has begun. */
export function PushChecklist({ owner, name }: { owner: string; name: string }) {
  const push = usePush()
  const { bytes, layers, tag, inputs, version, refused } = push
  const received = `${(bytes / 1e6).toFixed(1)} MB in ${layers} ${layers === 1 ? "layer" : "layers"}`
  const steps: [done: boolean, text: ReactNode][] = [
    [tag !== null, tag === null ? `Receiving the image: ${received}` : `Image received, with tag ${tag}`],
    [inputs !== null, inputs === null ? "Inputs" : `Inputs read: ${inputs}`],
    [
      version !== null,
      version === null ? (
        "Version"
      ) : (
        <>
          <span>Version ready: </span>
          <Link href={`/${owner}/${name}/versions/${version}`} className="link font-mono text-xs">
            {version.slice(0, 12)}
          </Link>
        </>
      ),
    ],
  ]

  return (
    <div className="noscript:hidden" data-testid="push-checklist">
      {hasStarted(push) ? (
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
      ) : (
        <p className="flex items-center gap-2 text-sm text-muted">
          <ClockIcon size={16} />
          <span>Waiting for your push</span>
        </p>
      )}
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
