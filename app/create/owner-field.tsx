"use client"

import { useRouter } from "next/navigation"
import { type ComponentProps, useEffect, useState } from "react"

import { Avatar } from "@/components/ui/avatar"
import { Field, Select } from "@/components/ui/field"
import type { OwnerChoiceBody } from "@/lib/organizations/present"
import { NewOrganizationDialog } from "./new-organization-dialog"

type Props = {
  owners: OwnerChoiceBody[]
  owner: string
  error: string | undefined
  select: ComponentProps<"select">
  choose: (username: string) => void
  origin: string
}

/** A select for the owner of a new model. Accounts that the viewer may not create for are disabled, with the reason. */
export function OwnerField({ owners, owner, error, select, choose, origin }: Props) {
  const chosen = owners.find(({ username }) => username === owner)
  const open = owners.filter(({ refused }) => refused === null)
  const closed = owners.filter(({ refused }) => refused !== null)
  const [asking, setAsking] = useState(false)
  const expect = useNewOwner(owners, choose)

  return (
    <Field
      label="Owner"
      id="owner"
      error={error}
      hint={
        // The hint takes the width of the select instead of widening it.
        <span className="block sm:w-0 sm:min-w-full">
          You control access and pay for private runs.
          <a
            href="/organizations/create?next=/create"
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey) return
              event.preventDefault()
              setAsking(true)
            }}
            className="link block w-fit"
          >
            New organization…
          </a>
        </span>
      }
    >
      {(control) => (
        <span className="relative block">
          <Select {...control} {...select} className="sm:min-w-44" style={{ paddingLeft: "2.6rem" }}>
            {open.map(({ username, role }) => (
              <option key={username} value={username}>
                {role || owners.length === 1 ? username : `${username} (you)`}
              </option>
            ))}
            {closed.length > 0 && (
              <optgroup label="You cannot create here">
                {closed.map(({ username, refused }) => (
                  <option key={username} value={username} disabled>
                    {`${username} – ${refused}`}
                  </option>
                ))}
              </optgroup>
            )}
          </Select>
          {chosen && (
            <span className="pointer-events-none absolute inset-y-0 left-2.5 my-auto flex items-center">
              <Avatar
                name={chosen.name}
                src={chosen.avatar_url}
                size={24}
                shape={chosen.type === "organization" ? "square" : "round"}
              />
            </span>
          )}
          {asking && (
            <NewOrganizationDialog
              origin={origin}
              close={() => setAsking(false)}
              created={(username) => {
                setAsking(false)
                expect(username)
              }}
            />
          )}
        </span>
      )}
    </Field>
  )
}

/** Returns a function that reloads the owners after one was created, and selects it once it is in the list. */
function useNewOwner(owners: OwnerChoiceBody[], choose: (username: string) => void) {
  const router = useRouter()
  const [expected, setExpected] = useState<string | null>(null)
  const isThere = expected !== null && owners.some(({ username }) => username === expected)

  useEffect(() => {
    if (!isThere) return
    choose(expected)
    setExpected(null)
    document.getElementById("owner")?.focus()
    // `choose` changes with every render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isThere, expected])

  return (username: string) => {
    setExpected(username)
    router.refresh()
  }
}
