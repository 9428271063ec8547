"use client"

import { useId, useState } from "react"

import { CodeBlock } from "@/components/ui/code-block"
import { Tabs, type TabsProps } from "@/components/ui/tabs"
import { runSnippets, type RunSnippet, type RunToWrite } from "@/lib/predictions/snippets"
import { isLarge } from "./is-large"

/** Tabs with the code for a run, one for each language. For a large input, they say that there is none. */
export function codeTabs(run: RunToWrite): TabsProps["tabs"] {
  const large = isLarge(run.input)
  return runSnippets(large ? { ...run, input: {} } : run).map((snippet) => ({
    id: snippet.id,
    label: snippet.label,
    panel: large ? (
      <p className="bg-sunken px-4 py-3.5 text-sm text-muted">This input is too large to be shown as code.</p>
    ) : (
      <SnippetPanel snippet={snippet} />
    ),
  }))
}

/** The code for a run in a box of its own. */
export const CodeTabs = ({ run, label = "This run in" }: { run: RunToWrite; label?: string }) => (
  <div className="overflow-hidden rounded-lg border border-line bg-surface">
    <Tabs label={label} tabs={codeTabs(run)} />
  </div>
)

function SnippetPanel({ snippet: { label, code, stream } }: { snippet: RunSnippet }) {
  const [streams, setStreams] = useState(false)
  const name = useId()
  const shown = streams && stream !== undefined ? stream : code
  return (
    <>
      {stream !== undefined && (
        <fieldset className="flex flex-wrap gap-x-4 px-4 py-1.5 text-sm noscript:hidden">
          <legend className="sr-only">{`Result with ${label}`}</legend>
          {[false, true].map((one) => (
            <label key={String(one)} className="inline-flex min-h-8 items-center gap-1.5">
              <input type="radio" name={name} checked={streams === one} onChange={() => setStreams(one)} />
              <span>{one ? "Stream" : "Wait for the result"}</span>
            </label>
          ))}
        </fieldset>
      )}
      <CodeBlock flush label={`${streams ? "Stream" : "Run"} with ${label}`} code={shown} />
    </>
  )
}
