import Link from "next/link"

import { Notice } from "@/components/ui/notice"
import { isPushable, nearestName } from "@/lib/models/name"

type Props = { owner: string; name: string; manages: boolean }

/** A warning for models whose names, allowed in earlier releases, no client can push to. */
export function Unpushable({ owner, name, manages }: Props) {
  if (isPushable(name)) return null
  const nearest = nearestName(name)
  return (
    <Notice kind="warn" title="Clients cannot push to this name" className="mb-8">
      <p>
        Docker-based clients reject {owner}/{name} as a name. Separate letters and numbers with one period, one or two
        underscores, or dashes.
      </p>
      {manages ? (
        <p>
          <Link href={`/${owner}/${name}/settings#rename`} className="link">
            {nearest ? `Rename it, to ${nearest} for instance` : "Rename it"}
          </Link>
          . Links to the old name will redirect.
        </p>
      ) : (
        <p>
          {nearest
            ? `Ask an owner or admin of ${owner} to rename it, for example to ${nearest}.`
            : `Ask an owner or admin of ${owner} to rename it.`}
        </p>
      )}
    </Notice>
  )
}
