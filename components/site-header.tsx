import Link from "next/link"
import type { ReactNode } from "react"
import { Avatar } from "./ui/avatar"
import { Badge } from "./ui/badge"
import { ButtonLink } from "./ui/button"
import { ChevronDownIcon, MenuIcon, PlusIcon, SearchIcon } from "./ui/icons"
import { Mark } from "./ui/mark"
import { Menu } from "./ui/menu"

type Viewer = {
  username: string
  name: string
  avatar_url: string | null
  invitations?: number
  is_admin?: boolean
}

export type SiteHeaderProps = {
  viewer: Viewer | null
  /** A form with one button, last in the account menu. */
  signOut?: ReactNode
  /** Opens the command palette; a search form without scripts. */
  palette?: ReactNode
}

type NavigationLink = { href: string; label: string }

const ownLinks = (viewer: Viewer | null): NavigationLink[] =>
  viewer ? [{ href: `/${viewer.username}`, label: "Your models" }] : []

const links: NavigationLink[] = [
  { href: "/explore", label: "Explore" },
  { href: "/collections", label: "Collections" },
  { href: "/pricing", label: "Pricing" },
  { href: "/docs/api", label: "API" },
]

export function SiteHeader({ viewer, signOut, palette }: SiteHeaderProps) {
  return (
    <>
      <a
        href="#main"
        className="absolute top-2 left-2 z-30 -translate-y-20 rounded-md bg-accent px-4 py-2 font-semibold text-on-accent focus:translate-y-0"
      >
        Skip to content
      </a>
      <header data-print="hide" className="border-b border-line bg-surface">
        <div className="page flex h-14 items-center gap-3 sm:gap-6">
          <Link href="/" className="flex min-h-8 items-center gap-2 rounded-sm font-bold">
            <Mark size={26} />
            Understudy
          </Link>
          <nav aria-label="Main" className="hidden gap-1 lg:flex">
            {[...ownLinks(viewer), ...links].map(({ href, label }) => (
              <Link
                key={href}
                href={href}
                className="flex min-h-8 items-center rounded-sm px-2 text-muted hover:text-text"
              >
                {label}
              </Link>
            ))}
          </nav>
          <div className="ml-auto flex items-center gap-2 sm:gap-3">
            {palette}
            <Search
              id="search"
              className={palette ? "hidden w-44 lg:w-56 md:noscript:block" : "hidden w-56 md:block"}
            />
            {viewer ? (
              <>
                <ButtonLink href="/create" size="sm" icon={<PlusIcon size={16} />} className="max-sm:hidden">
                  New model
                </ButtonLink>
                <AccountMenu viewer={viewer} signOut={signOut} />
              </>
            ) : (
              <>
                <ButtonLink href="/signin" size="sm" variant="quiet">
                  Sign in
                </ButtonLink>
                <ButtonLink href="/signup" size="sm" className="max-sm:hidden">
                  Create account
                </ButtonLink>
              </>
            )}
            <SmallScreenMenu viewer={viewer} />
          </div>
        </div>
      </header>
    </>
  )
}

function AccountMenu({ viewer, signOut }: { viewer: Viewer; signOut: ReactNode }) {
  return (
    <Menu
      label="Your account"
      trigger={
        <>
          <Avatar name={viewer.name || viewer.username} src={viewer.avatar_url} size={28} />
          <ChevronDownIcon size={14} className="text-muted max-sm:hidden" />
        </>
      }
      triggerClassName="min-h-8 gap-1 rounded-md p-0.5"
    >
      <p className="border-b border-line px-2.5 pt-1 pb-2.5">
        <span className="block truncate font-semibold">{viewer.name || viewer.username}</span>
        <span className="block truncate font-mono text-xs text-muted">{viewer.username}</span>
      </p>
      <ul className="py-1.5">
        <MenuLink href={`/${viewer.username}`}>Your models</MenuLink>
        <MenuLink href="/predictions">Predictions</MenuLink>
        <MenuLink href="/deployments">Deployments</MenuLink>
        <MenuLink href="/create">New model</MenuLink>
        <MenuLink href="/trainings">Your trainings</MenuLink>
        <MenuLink href="/organizations">
          Organizations
          {viewer.invitations ? (
            <span className="ml-2">
              <Badge tone="accent">
                {viewer.invitations === 1 ? "1 invitation" : `${viewer.invitations} invitations`}
              </Badge>
            </span>
          ) : null}
        </MenuLink>
        <MenuLink href="/account/api-tokens">API tokens</MenuLink>
        <MenuLink href="/account">Account settings</MenuLink>
        {viewer.is_admin && <MenuLink href="/admin">Administration</MenuLink>}
      </ul>
      {signOut && <div className="border-t border-line pt-1.5">{signOut}</div>}
    </Menu>
  )
}

function SmallScreenMenu({ viewer }: { viewer: Viewer | null }) {
  return (
    <Menu
      label="Menu"
      trigger={<MenuIcon size={20} />}
      className="lg:hidden"
      triggerClassName="size-9 justify-center rounded-md border border-field"
      panelClassName="w-72"
    >
      <Search id="search-small" className="mb-1.5" />
      <ul>
        {[...ownLinks(viewer), ...links].map(({ href, label }) => (
          <MenuLink key={href} href={href}>
            {label}
          </MenuLink>
        ))}
        {!viewer && <MenuLink href="/signup">Create account</MenuLink>}
      </ul>
    </Menu>
  )
}

function MenuLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <li>
      <Link href={href} className="flex min-h-9 items-center rounded-sm px-2.5 hover:bg-hover">
        {children}
      </Link>
    </li>
  )
}

function Search({ id, className }: { id: string; className: string }) {
  return (
    <search className={className}>
      <form action="/explore" className="relative">
        <label htmlFor={id} className="sr-only">
          Search models
        </label>
        <SearchIcon size={16} className="pointer-events-none absolute inset-y-0 left-2.5 my-auto text-muted" />
        <input
          id={id}
          name="q"
          type="search"
          placeholder="Search models"
          autoComplete="off"
          className="h-8.5 w-full min-w-0 rounded-md border border-field bg-bg pr-2 pl-8.5 text-sm pointer-coarse:text-[1rem]"
        />
      </form>
    </search>
  )
}
