import type { FormState } from "@/lib/next/form"
import { Disclosure } from "./ui/disclosure"

type Props<V extends Record<string, string>> = {
  state: Pick<FormState<V>, "current" | "values">
  labels?: Partial<Record<keyof V, string>>
}

/** After a conflict, shows the values that somebody else has saved. */
export function CurrentValues<V extends Record<string, string>>({ state: { current, values }, labels }: Props<V>) {
  if (!current) return null
  const others = Object.keys(current).filter((field) => current[field] !== values[field])
  return (
    <Disclosure summary="Currently saved" className="mt-2">
      <dl className="grid gap-2">
        {others.map((field) => (
          <div key={field}>
            <dt className="text-sm text-muted">{labels?.[field] ?? field}</dt>
            <dd
              className="max-h-60 overflow-auto font-mono text-xs wrap-anywhere whitespace-pre-wrap"
              tabIndex={current[field]!.length > 400 ? 0 : undefined}
            >
              {current[field] || "empty"}
            </dd>
          </div>
        ))}
      </dl>
    </Disclosure>
  )
}
