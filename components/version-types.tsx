import { CodeBlock } from "@/components/ui/code-block"
import { Tabs } from "@/components/ui/tabs"

/** Longer types, which no published version has, can only be downloaded. */
const longestShown = 30_000

export type VersionTypes = { id: string; label: string; text: string; href: string }[]

/** The types of a version: a tab for each language, with a download link. */
export const VersionTypesTabs = ({ types }: { types: VersionTypes }) => (
  <div className="overflow-hidden rounded-lg border border-line bg-surface">
    <Tabs
      label="Types in"
      tabs={types.map(({ id, label, text, href }) => ({
        id,
        label,
        panel: (
          <>
            <p className="px-4 py-2 text-sm">
              <a href={href} download className="link">
                {`Download for ${label}`}
              </a>
            </p>
            {text.length <= longestShown && (
              <div className="max-h-96 overflow-y-auto">
                <CodeBlock flush label={`Types in ${label}`} code={text} />
              </div>
            )}
          </>
        ),
      }))}
    />
  </div>
)
