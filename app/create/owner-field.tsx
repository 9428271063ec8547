"use client"

import { useRouter } from "next/navigation"
import { type ComponentProps, useEffect, useRef } from "react"

import { Avatar } from "@/components/ui/avatar"
import { Field, Select } from "@/components/ui/field"
import { ExternalIcon } from "@/components/ui/icons"
import type { OwnerChoiceBody } from "@/lib/organizations/present"

type Props = { owners: OwnerChoiceBody[]; owner: string; error: string | undefined; select: ComponentProps<"select"> }

/** The owner of the model. Accounts the user may not create models for are disabled, with the reason. */
export function OwnerField({ owners, owner, error, select }: Props) {
  const chosen = owners.find(({ username }) => username === owner)
  const open = owners.filter(({ refused }) => refused === null)
  const closed = owners.filter(({ refused }) => refused !== null)
  const leaving = useFreshOwners()

  return (
    <Field
      label="Owner"
      id="owner"
      error={error}
      hint={
        <span>
          {chosen?.role
            ? `You are its ${chosen.role}. It controls access and pays for private runs.`
            : "You control access and pay for private runs."}{" "}
          <a
            href="/organizations/create?next=/create"
            target="_blank"
            rel="opener"
            onClick={leaving}
            className="link inline-flex items-center gap-1 whitespace-nowrap"
          >
            New organization
            <ExternalIcon size={13} />
            <span className="sr-only">(opens a new tab)</span>
          </a>
        </span>
      }
    >
      {(control) => (
        <span className="relative block">
          <Select {...control} {...select} style={{ paddingLeft: "2.6rem" }}>
            {open.map(({ username, role }) => (
              <option key={username} value={username}>
                {role
                  ? `${username} (organization, you are ${role})`
                  : owners.length > 1
                    ? `${username} (you)`
                    : username}
              </option>
            ))}
            {closed.length > 0 && (
              <optgroup label="You cannot create here">
                {closed.map(({ username, refused }) => (
                  <option key={username} value={username} disabled>
                    {username} – {refused}
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
        </span>
      )}
    </Field>
  )
}

/** Reloads the owners when the user returns from creating an organization; the form keeps its values. */
function useFreshOwners() {
  const router = useRouter()
  const away = useRef(false)

  useEffect(() => {
    function back() {
      if (document.visibilityState !== "visible" || !away.current) return
      away.current = false
      router.refresh()
    }
    document.addEventListener("visibilitychange", back)
    window.addEventListener("focus", back)
    return () => {
      document.removeEventListener("visibilitychange", back)
      window.removeEventListener("focus", back)
    }
  }, [router])

  return () => {
    away.current = true
  }
}
