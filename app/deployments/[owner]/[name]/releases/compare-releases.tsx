import Link from "next/link"
import type { ReactNode } from "react"

import { Badge } from "@/components/ui/badge"
import { Button, ButtonLink } from "@/components/ui/button"
import { Field, Select } from "@/components/ui/field"
import { Table } from "@/components/ui/table"
import { Time } from "@/components/ui/time"
import { VersionChanges } from "@/components/version-changes"
import type { Comparison } from "@/lib/deployments/compare"
import type { Release } from "@/lib/deployments/row"

type Side = Comparison["older"]

/** The settings of a release in display order. */
export const settings: { field: keyof Release; label: string }[] = [
  { field: "model", label: "Model" },
  { field: "version", label: "Version" },
  { field: "hardware", label: "Hardware" },
  { field: "min_instances", label: "Minimum instances" },
  { field: "max_instances", label: "Maximum instances" },
  { field: "idle_seconds", label: "Idle seconds" },
  { field: "buffer_instances", label: "Spare instances" },
]

/** A setting as text; a version by the start of its ID. */
export const settingInWords = (field: keyof Release, value: unknown): string =>
  value === null ? "automatic" : field === "version" ? String(value).slice(0, 12) : String(value)

/** A form to choose two releases. */
export function ChooseReleases({
  base,
  numbers,
  from,
  to,
}: {
  base: string
  numbers: number[]
  from: number
  to: number
}) {
  return (
    <form action={`${base}/releases`} className="mb-6 flex flex-wrap items-end gap-3">
      {(
        [
          ["from", "Compare release", from],
          ["to", "with release", to],
        ] as const
      ).map(([name, label, chosen]) => (
        <Field key={name} label={label}>
          {(control) => (
            // Remounts the select when a link changes the comparison.
            <Select
              {...control}
              key={chosen}
              name={name}
              defaultValue={String(chosen)}
              className="min-w-24 tabular-nums"
            >
              {numbers.map((number) => (
                <option key={number}>{number}</option>
              ))}
            </Select>
          )}
        </Field>
      ))}
      <Button type="submit">Compare</Button>
    </form>
  )
}

/** Two releases side by side, and the differences that affect callers. */
export function CompareReleases({
  base,
  comparison: { older, newer, changes },
}: {
  base: string
  comparison: Comparison
}) {
  const [from, to] = [older.release, newer.release]
  const [swapped, closed] = [`${base}/releases?from=${to.number}&to=${from.number}`, `${base}/releases`]
  return (
    <section aria-labelledby="compared" className="mb-10">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h2 id="compared">{`Release ${from.number} and release ${to.number}`}</h2>
        <p className="flex gap-2">
          <ButtonLink href={swapped} size="sm" scroll={false}>
            Swap
          </ButtonLink>
          <ButtonLink href={closed} size="sm" scroll={false}>
            Close
          </ButtonLink>
        </p>
      </div>
      <Table
        label={`Settings of release ${from.number} and release ${to.number}`}
        className="table-fixed max-sm:[&_td]:px-2 max-sm:[&_th]:px-2"
      >
        <thead>
          <tr>
            <th scope="col" className="w-[34%] sm:w-1/4">
              Setting
            </th>
            <th scope="col">{`Release ${from.number}`}</th>
            <th scope="col">{`Release ${to.number}`}</th>
          </tr>
        </thead>
        <tbody>
          {settings.map(({ field, label }) => {
            const changed = from[field] !== to[field]
            return (
              <Row key={field} label={label} changed={changed}>
                {[from, to].map((release) => (
                  <td key={release.number} className={`font-mono text-sm wrap-anywhere ${changed ? "" : "text-muted"}`}>
                    {field === "version" ? (
                      <Link href={`/${release.model}/versions/${release.version}`} className="link">
                        {settingInWords(field, release[field])}
                      </Link>
                    ) : (
                      settingInWords(field, release[field])
                    )}
                  </td>
                ))}
              </Row>
            )
          })}
          <Row label="Created">
            {[older, newer].map((side) => (
              <td key={side.release.number} className="text-sm text-muted">
                <Created {...side} />
              </td>
            ))}
          </Row>
        </tbody>
      </Table>
      <h3 className="mt-6 mb-3 text-base">Changes for callers</h3>
      {changes === null ? (
        <p className="text-muted">They cannot be compared: one of the versions was deleted, or cannot be read.</p>
      ) : changes.length === 0 ? (
        <p className="text-muted">None: both have the same inputs and outputs.</p>
      ) : (
        <VersionChanges changes={changes} />
      )}
    </section>
  )
}

const Row = ({ label, changed, children }: { label: string; changed?: boolean; children: ReactNode }) => (
  <tr className="align-top">
    <th scope="row">
      <span className="flex flex-wrap items-center gap-x-2">
        {label}
        {changed && <Badge tone="info">changed</Badge>}
      </span>
    </th>
    {children}
  </tr>
)

const Created = ({ release, by }: Side) => (
  <>
    <span>
      <Time iso={release.created_at} /> by{" "}
    </span>
    <Link href={`/${by.username}`} className="link">
      {by.username}
    </Link>
    {release.rollback_of !== null && <span>{`, back to ${release.rollback_of}`}</span>}
    {release.failed && <span>, failed</span>}
  </>
)
