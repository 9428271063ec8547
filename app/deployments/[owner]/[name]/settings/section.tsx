import type { ReactNode } from "react"

type Props = { id: string; title: string; about: ReactNode; children: ReactNode }

/** A section of the settings of a deployment. */
export const Section = ({ id, title, about, children }: Props) => (
  <section aria-labelledby={id} className="grid grid-cols-[minmax(0,1fr)] gap-5">
    <div>
      <h2 id={id}>{title}</h2>
      <p className="mt-1 max-w-[42rem] text-muted">{about}</p>
    </div>
    {children}
  </section>
)
