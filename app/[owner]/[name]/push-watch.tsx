"use client"

import Link from "next/link"
import { useRouter } from "next/navigation"
import { createContext, type ReactNode, use, useEffect, useState } from "react"

import { Notice } from "@/components/ui/notice"
import { initialPushState, type PushState } from "@/lib/pushes/state"

const Push = createContext<PushState>(initialPushState)

/** The state of the current push, for everything inside a `PushWatch`. */
export const usePush = (): PushState => use(Push)

type Props = {
  owner: string
  name: string
  /** The version that the page shows. */ latest: string | null
  children: ReactNode
}

/** Follows pushes to this model. When one creates a version, the page refreshes. */
export function PushWatch({ owner, name, latest, children }: Props) {
  const router = useRouter()
  const [push, setPush] = useState<PushState>(initialPushState)
  const [known] = useState(latest)
  const { version } = push

  useEffect(() => {
    const source = new EventSource(`/api/web/pushes/${owner}/${name}`)
    source.addEventListener("message", ({ data }) => setPush(JSON.parse(data)))
    return () => source.close()
  }, [owner, name])

  useEffect(() => {
    if (version !== null && version !== known) router.refresh()
  }, [version, known, router])

  return (
    <Push value={push}>
      <div role="status">
        {version !== null && version !== known && (
          <Notice kind="success" title="Push complete" className="mb-8">
            <Link href={`/${owner}/${name}/versions/${version}`} className="link">
              Version {version.slice(0, 12)}
            </Link>{" "}
            is ready.{" "}
            <Link href={`/${owner}/${name}/playground`} className="link">
              Run it
            </Link>
            .
          </Notice>
        )}
      </div>
      {children}
    </Push>
  )
}
