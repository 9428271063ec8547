import type { FormState } from "@/lib/next/form"
import { Disclosure } from "./ui/disclosure"

type Props<V extends Record<string, string>> = {
  state: Pick<FormState<V>, "standing" | "values">
  labels?: Partial<Record<keyof V, string>>
}

/** In the refusal of a form that somebody else was quicker to save: what they made of the fields, to copy from. */
export function Standing<V extends Record<string, string>>({ state: { standing, values }, labels }: Props<V>) {
  if (!standing) return null
  const others = Object.keys(standing).filter((field) => standing[field] !== values[field])
  return (
    <Disclosure summary="What stands there now" className="mt-2">
      <dl className="grid gap-2">
        {others.map((field) => (
          <div key={field}>
            <dt className="text-sm text-muted">{labels?.[field] ?? field}</dt>
            <dd
              className="max-h-60 overflow-auto font-mono text-xs wrap-anywhere whitespace-pre-wrap"
              tabIndex={standing[field]!.length > 400 ? 0 : undefined}
            >
              {standing[field] || "nothing"}
            </dd>
          </div>
        ))}
      </dl>
    </Disclosure>
  )
}
