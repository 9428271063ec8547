"use client"

import { useEffect } from "react"

import { ButtonLink } from "@/components/ui/button"
import { CopyButton } from "@/components/ui/copy-button"
import { Notice } from "@/components/ui/notice"

/** A notice that the model was created. Removes the query that shows it from the URL, so that it appears once. */
export function Created({ owner, name, origin }: { owner: string; name: string; origin: string }) {
  const address = `${origin}/${owner}/${name}`
  useEffect(() => {
    // In a later task, when the router listens: it then uses the new URL when it refreshes the page.
    const timer = setTimeout(() => history.replaceState(null, "", location.pathname + location.hash))
    return () => clearTimeout(timer)
  }, [])

  return (
    <Notice kind="success" title={`Created ${owner}/${name}`} role="status" className="mb-8">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <p className="flex min-w-0 items-center gap-1">
          <span className="min-w-0 font-mono text-xs wrap-anywhere">{address}</span>
          <CopyButton text={address} label="Copy the address" />
        </p>
        <p className="flex flex-wrap gap-2">
          <ButtonLink href="#next-steps" size="sm">
            Push a version
          </ButtonLink>
          <ButtonLink href={`/${owner}/${name}/settings#readme`} size="sm">
            Write a README
          </ButtonLink>
        </p>
      </div>
    </Notice>
  )
}
