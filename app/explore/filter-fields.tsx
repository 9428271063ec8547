import type { ReactNode } from "react"

import { Button } from "@/components/ui/button"
import { Select } from "@/components/ui/field"
import { hardwareGroups } from "@/lib/hardware/groups"
import { type Asked, wordsLimit } from "./filters"

type Props = {
  asked: Asked
  signedIn: boolean
  hardware: { sku: string; name: string; gpus: number; reason: string | null }[]
  icon: ReactNode
}

/** The filters and the order of the list: native controls, which also work without scripts. */
export function FilterFields({ asked, signedIn, hardware, icon }: Props) {
  const unknown = asked.hardware && !hardware.some(({ sku }) => sku === asked.hardware)
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex max-w-2xl gap-3">
        <label htmlFor="q" className="sr-only">
          Search by name, owner, description or README
        </label>
        <input
          id="q"
          name="q"
          type="search"
          defaultValue={asked.q}
          maxLength={wordsLimit}
          autoComplete="off"
          placeholder="Name, owner or description"
          className="h-10.5 min-w-0 flex-1 rounded-md border border-field bg-surface px-3 text-base hover:border-text pointer-coarse:text-[1rem]"
        />
        <Button type="submit" icon={icon}>
          Search
        </Button>
      </div>
      <div className="grid grid-cols-2 items-end gap-3 sm:flex sm:flex-wrap">
        {signedIn && (
          <Choice name="show" label="Show" value={asked.show} className="sm:w-48">
            <option value="">All public models</option>
            <option value="mine">Only mine</option>
            <option value="mine-public">Only mine, public</option>
            <option value="mine-private">Only mine, private</option>
          </Choice>
        )}
        <Choice name="hardware" label="Hardware" value={asked.hardware} className="sm:w-56">
          <option value="">Any</option>
          {hardwareGroups(hardware).map((group) => (
            <optgroup key={group.label} label={group.label}>
              {group.rows.map(({ sku, name }) => (
                <option key={sku} value={sku}>
                  {name}
                </option>
              ))}
            </optgroup>
          ))}
          {unknown && <option value={asked.hardware}>{asked.hardware}</option>}
        </Choice>
        <Choice name="sort" label="Order" value={asked.sort} className="sm:w-48">
          <option value="">{asked.q ? "Best match" : "Recently updated"}</option>
          {asked.q && <option value="updated">Recently updated</option>}
          <option value="newest">Newest</option>
          <option value="name">Name</option>
        </Choice>
        <label className="flex min-h-10.5 items-center gap-2.5">
          <input type="checkbox" name="versions" value="1" defaultChecked={asked.versions === "1"} />
          Has versions
        </label>
      </div>
    </div>
  )
}

function Choice({
  name,
  label,
  value,
  className,
  children,
}: {
  name: string
  label: string
  value: string
  className: string
  children: ReactNode
}) {
  return (
    <div className={`grid min-w-0 grid-cols-[minmax(0,1fr)] gap-1 ${className}`}>
      <label htmlFor={name} className="text-sm text-muted">
        {label}
      </label>
      <Select id={name} name={name} defaultValue={value}>
        {children}
      </Select>
    </div>
  )
}
