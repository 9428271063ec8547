"use client"

import { Button } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"

/**
 * For unexpected errors. With a digest the server failed and has logged it; without one it was the browser or the
 * network. Only a reload asks the server again.
 */
export default function ErrorPage({ error }: { error: Error & { digest?: string } }) {
  return (
    <div role="alert">
      <h1 className="mb-6">This page could not be displayed</h1>
      <EmptyState
        title={error.digest ? "Something went wrong on the server" : "Something went wrong in your browser"}
        action={
          <Button variant="primary" onClick={() => location.reload()}>
            Try again
          </Button>
        }
      >
        <p>
          {error.digest
            ? "The error has been logged. Nothing was lost or changed."
            : "The server may be unreachable, or was updated since you opened this page. Check your connection and try again."}
        </p>
        {error.digest && (
          <p>
            To report it, mention <code>{error.digest}</code>.
          </p>
        )}
      </EmptyState>
    </div>
  )
}
