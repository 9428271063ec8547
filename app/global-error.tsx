"use client"

import { Button } from "@/components/ui/button"
import { fontVariables } from "./fonts"
import "./globals.css"

/**
 * Shown when even the layout fails: with a digest on the server, for instance without a database, otherwise in the
 * browser.
 */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en" className={fontVariables}>
      <body>
        <title>{error.digest ? "Understudy is not available" : "This page could not be displayed"}</title>
        <main className="page grid content-center gap-4 py-20">
          <h1>{error.digest ? "Understudy is not available right now" : "This page could not be displayed"}</h1>
          <p className="max-w-prose text-muted">
            {error.digest
              ? `The server could not render this page. The error has been logged under ${error.digest}. Try again in a moment.`
              : "Something went wrong in your browser. The server may be unreachable, or was updated since you opened this page. Check your connection and try again."}
          </p>
          <p>
            <Button variant="primary" onClick={() => location.reload()}>
              Try again
            </Button>
          </p>
        </main>
      </body>
    </html>
  )
}
