"use client"

import { Button } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"

/** For what nobody foresaw; the digest is what the operator finds in the log. Only a reload asks the server again. */
export default function ErrorPage({ error }: { error: Error & { digest?: string } }) {
  return (
    <div role="alert">
      <h1 className="mb-6">This page could not be shown</h1>
      <EmptyState
        title="Something went wrong on our side"
        action={
          <Button variant="primary" onClick={() => location.reload()}>
            Try again
          </Button>
        }
      >
        <p>It has been written to the server&rsquo;s log. Nothing you did was lost or changed by this.</p>
        {error.digest && (
          <p>
            If you report it, mention <code>{error.digest}</code>.
          </p>
        )}
      </EmptyState>
    </div>
  )
}
