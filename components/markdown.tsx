/** What `renderMarkdown` made of a text. Nothing else may be passed here: it goes into the page as it is. */
export function Markdown({ html, className = "" }: { html: string; className?: string }) {
  return <div className={`markdown ${className}`} dangerouslySetInnerHTML={{ __html: html }} />
}
