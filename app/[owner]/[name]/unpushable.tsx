import Link from "next/link"

import { Notice } from "@/components/ui/notice"
import { isPushable, nearestName } from "@/lib/models/name"

type Props = { owner: string; name: string; manages: boolean }

/** Said on the page of a model that got its name before the names that no client can push to were refused. */
export function Unpushable({ owner, name, manages }: Props) {
  if (isPushable(name)) return null
  const nearest = nearestName(name)
  return (
    <Notice kind="warn" title="Nothing can be pushed to this name" className="mb-8">
      <p>
        Docker, and everything that is built on it, takes {owner}/{name} for no name: between letters and numbers it
        wants one period, one or two underscores, or dashes.
      </p>
      {manages ? (
        <p>
          <Link href={`/${owner}/${name}/settings#rename`} className="link">
            Rename it{nearest && `, to ${nearest} for instance`}
          </Link>
          . Links to its old name will lead to the new one.
        </p>
      ) : (
        <p>
          Ask who manages {owner} to rename it{nearest && `, to ${nearest} for instance`}.
        </p>
      )}
    </Notice>
  )
}
