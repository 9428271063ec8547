/** Says that a form was filled with what had been typed before, and takes it back. */
export const DraftNotice = ({ discard }: { discard: () => void }) => (
  <p role="status" className="flex flex-wrap items-center gap-x-3 text-sm text-muted">
    What you typed before is back.
    <button type="button" onClick={discard} className="link min-h-6 rounded-sm">
      Discard draft
    </button>
  </p>
)
