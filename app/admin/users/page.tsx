import Link from "next/link"

import { ActionForm, SubmitButton } from "@/components/action-form"
import { Avatar } from "@/components/ui/avatar"
import { Badge } from "@/components/ui/badge"
import { Button, ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { Time } from "@/components/ui/time"
import { imagePathOrNull } from "@/lib/pictures/address"
import { param } from "@/lib/next/page"
import { listAccounts, type ListedAccount } from "@/lib/accounts/administration"
import { NothingHere } from "../../nothing-here"
import { changeAccountAction } from "../actions"
import { loadAdminPage, adminMetadata } from "../admin-page"
import { PasswordLinkForm } from "./password-link-form"

export const generateMetadata = adminMetadata("Accounts", "/admin/users")

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function UsersPage({ searchParams }: Props) {
  const query = await searchParams
  const actor = await loadAdminPage("/admin/users")
  if (!actor) return <NothingHere />
  const asked = param(query.q) ?? ""
  const { rows, next } = await listAccounts(actor, { query: asked, after: param(query.after) })

  return (
    <>
      <PageHeader
        title="Accounts"
        lead="All users and organizations. Disabling an account deletes nothing; it only blocks all access."
        className="mb-8"
      />
      {param(query.done) && (
        <Notice kind="success" role="status" className="mb-6">
          Account updated.
        </Notice>
      )}
      <form action="/admin/users" className="mb-6 flex max-w-md gap-3">
        <TextInput
          name="q"
          type="search"
          aria-label="Search accounts"
          placeholder="Search by name"
          defaultValue={asked}
          autoComplete="off"
        />
        <Button type="submit">Search</Button>
      </form>
      {rows.length === 0 ? (
        <EmptyState title="No account found" action={<ButtonLink href="/admin/users">Show all</ButtonLink>} />
      ) : (
        <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
          {rows.map((account) => (
            <Account key={account.id} account={account} self={account.id === actor.owner_id} />
          ))}
        </ul>
      )}
      {next && (
        <nav aria-label="Pages" className="mt-6">
          <ButtonLink href={`/admin/users?${new URLSearchParams({ ...(asked && { q: asked }), after: next })}`}>
            More accounts
          </ButtonLink>
        </nav>
      )}
    </>
  )
}

function Account({ account, self }: { account: ListedAccount; self: boolean }) {
  const { username, type, name, is_admin, email, model_count, disabled_at, two_steps } = account
  const person = type === "user"
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3">
      <Avatar name={name} src={imagePathOrNull(account.avatar_url)} size={36} shape={person ? "round" : "square"} />
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-x-2">
          <Link
            href={`/${username}`}
            className="rounded-sm font-semibold wrap-anywhere hover:text-accent hover:underline"
          >
            {username}
          </Link>
          {!person && <Badge>Organization</Badge>}
          {is_admin && <Badge tone="accent">Administrator</Badge>}
          {disabled_at && <Badge tone="warn">Disabled</Badge>}
          {two_steps && <Badge>Two-step sign-in</Badge>}
          {self && <Badge>You</Badge>}
        </p>
        <p className="text-sm text-muted wrap-anywhere">
          {model_count === 1 ? "1 model" : `${model_count.toLocaleString("en-US")} models`} · since{" "}
          <Time iso={account.created_at} />
          {email && <span> · {email}</span>}
        </p>
      </div>
      <div className="flex flex-wrap items-start gap-2">
        {person && !disabled_at && <PasswordLinkForm username={username} />}
        {two_steps && !self && <Change username={username} change="one-step" label="Turn off two-step sign-in" />}
        {person && !disabled_at && (
          <Change
            username={username}
            change={is_admin ? "demote" : "promote"}
            label={is_admin ? "No longer administrator" : "Make administrator"}
          />
        )}
        {!self && (
          <Change
            username={username}
            change={disabled_at ? "enable" : "disable"}
            label={disabled_at ? "Enable" : "Disable"}
          />
        )}
      </div>
    </li>
  )
}

const Change = ({ username, change, label }: { username: string; change: string; label: string }) => (
  <ActionForm action={changeAccountAction} className="grid gap-2">
    <input type="hidden" name="username" value={username} />
    <SubmitButton name="change" value={change} size="sm" aria-label={`${label}: ${username}`}>
      {label}
    </SubmitButton>
  </ActionForm>
)
