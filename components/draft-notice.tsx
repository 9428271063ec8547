/** Says that a draft was restored, with a button to discard it. */
export const DraftNotice = ({ discard }: { discard: () => void }) => (
  <p role="status" className="flex flex-wrap items-center gap-x-3 text-sm text-muted">
    Your draft was restored.
    <button type="button" onClick={discard} className="link min-h-6 rounded-sm">
      Discard draft
    </button>
  </p>
)
