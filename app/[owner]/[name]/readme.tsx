import Link from "next/link"

import { Markdown } from "@/components/markdown"
import type { ModelSummary } from "@/lib/models/present"

/** The README, below everything else on the page. */
export function Readme({ model, html, mine }: { model: ModelSummary; html: string | null; mine: boolean }) {
  return (
    <section aria-labelledby="readme" className="mt-12 border-t border-line pt-8">
      <h2 id="readme" className="mb-5 text-base text-muted">
        README
      </h2>
      {html ? (
        <Markdown html={html} />
      ) : (
        <p className="text-muted">
          No README yet.{" "}
          {mine && (
            <Link href={`/${model.owner}/${model.name}/settings#readme`} className="link" data-print="hide">
              Write one
            </Link>
          )}
        </p>
      )}
    </section>
  )
}
