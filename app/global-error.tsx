"use client"

import { Button } from "@/components/ui/button"
import { fontVariables } from "./fonts"
import "./globals.css"

/** Shown when even the layout fails, for instance without a database. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en" className={fontVariables}>
      <body>
        <title>Understudy is not available</title>
        <main className="page grid content-center gap-4 py-20">
          <h1>Understudy is not available right now</h1>
          <p className="max-w-prose text-muted">
            The server could not render this page. The error has been logged
            <span>{error.digest ? ` under ${error.digest}` : ""}</span>. Try again in a moment.
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
