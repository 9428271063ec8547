import Link from "next/link"

import { ActionForm, SubmitButton } from "@/components/action-form"
import { Avatar } from "@/components/ui/avatar"
import { Badge } from "@/components/ui/badge"
import { Select } from "@/components/ui/field"
import { Menu } from "@/components/ui/menu"
import { Time } from "@/components/ui/time"
import type { MemberBody } from "@/lib/organizations/present"
import { changeRoleAction, removeMemberAction } from "./actions"

type Props = {
  organization: string
  member: MemberBody
  self: boolean
  /** The roles the viewer may assign to this member; empty if they may not change it. */
  roles: readonly string[]
}

/** A member, and what the viewer may do about them. */
export function MemberRow({ organization, member, self, roles }: Props) {
  const of = (
    <>
      <input type="hidden" name="organization" value={organization} />
      <input type="hidden" name="username" value={member.username} />
    </>
  )
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3">
      <Avatar name={member.name} src={member.avatar_url} size={36} />
      <div className="min-w-0 flex-1 basis-40">
        <p className="flex flex-wrap items-center gap-x-2">
          <Link
            href={`/${member.username}`}
            className="rounded-sm font-semibold wrap-anywhere hover:text-accent hover:underline"
          >
            {member.username}
          </Link>
          {self && <Badge>You</Badge>}
        </p>
        <p className="text-sm text-muted">
          {member.name !== member.username && <span>{member.name} · </span>}
          <span>
            Joined <Time iso={member.joined_at} />
          </span>
        </p>
      </div>
      {roles.length > 0 ? (
        <ActionForm action={changeRoleAction} className="flex flex-wrap items-center gap-2">
          {of}
          <Select
            name="role"
            defaultValue={member.role}
            key={member.role}
            aria-label={`Role of ${member.username}`}
            className="w-36"
          >
            {roles.map((role) => (
              <option key={role} value={role}>
                {role[0]!.toUpperCase() + role.slice(1)}
              </option>
            ))}
          </Select>
          <SubmitButton size="sm" aria-label={`Change role of ${member.username}`}>
            Change
          </SubmitButton>
        </ActionForm>
      ) : (
        <Badge>{member.role}</Badge>
      )}
      {(roles.length > 0 || self) && (
        <Menu
          label={self ? `Leave ${organization}` : `Remove ${member.username}`}
          trigger={<span aria-hidden="true">{self ? "Leave…" : "Remove…"}</span>}
          className="ml-auto w-24"
          triggerClassName="min-h-8.5 justify-center rounded-md px-3 text-sm font-semibold text-danger hover:bg-hover"
          panelClassName="w-72"
        >
          <div className="grid gap-3 p-2.5">
            <p className="text-sm">
              {self
                ? `You lose access to the private models of ${organization}, and tokens you created for it are revoked.`
                : `${member.username} loses access immediately. Tokens they created for ${organization} and invitations they sent are revoked.`}
            </p>
            <ActionForm action={removeMemberAction} className="grid gap-2">
              {of}
              <SubmitButton size="sm" variant="danger">
                {self ? `Leave ${organization}` : `Remove ${member.username}`}
              </SubmitButton>
            </ActionForm>
          </div>
        </Menu>
      )}
    </li>
  )
}
