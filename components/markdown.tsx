/** The output of `renderMarkdown`. Nothing else may be passed here: it is inserted as HTML. */
export function Markdown({ html, className = "" }: { html: string; className?: string }) {
  return <div className={`markdown ${className}`} dangerouslySetInnerHTML={{ __html: html }} />
}
