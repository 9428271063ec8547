"use client"

import { Button } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"

/** For what nobody foresaw. With a digest the server failed, and has it in its log; without, it was the browser or the way. Only a reload asks the server again. */
export default function ErrorPage({ error }: { error: Error & { digest?: string } }) {
  return (
    <div role="alert">
      <h1 className="mb-6">This page could not be shown</h1>
      <EmptyState
        title={error.digest ? "Something went wrong on our side" : "Your browser could not go on"}
        action={
          <Button variant="primary" onClick={() => location.reload()}>
            Try again
          </Button>
        }
      >
        <p>
          {error.digest
            ? "It has been written to the server’s log. Nothing you did was lost or changed by this."
            : "The server may not have been reached, or was updated since this page was opened. Check the connection and try again."}
        </p>
        {error.digest && (
          <p>
            If you report it, mention <code>{error.digest}</code>.
          </p>
        )}
      </EmptyState>
    </div>
  )
}
