/** Says what a page leaves out of a large run, with a link to all of it. */
export const LeftOut = ({ id, children }: { id?: string; children: string }) => (
  <p className="text-sm text-muted">
    <span>{children}</span>
    {id !== undefined && (
      <a href={`/api/web/predictions/${id}?whole=1`} download={`${id}.json`} className="link ml-1.5">
        Download the run as JSON
      </a>
    )}
  </p>
)

/** `LeftOut` for an output of which only a part is shown, or nothing at all. */
export const OutputLeftOut = ({ id, shown }: { id?: string; shown: unknown }) => (
  <LeftOut id={id}>
    {shown === null ? "The output is too large to show here." : "Only the beginning of the output is shown here."}
  </LeftOut>
)
