import { Notice } from "@/components/ui/notice"

/** Which parts of a link that prefills a form were ignored, and why. */
export const IgnoredLinkNotice = ({ notes }: { notes: string[] }) =>
  notes.length > 0 && (
    <Notice kind="warn" title="Part of the link was ignored" className="mb-8">
      <ul className="list-disc pl-5">
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
    </Notice>
  )
