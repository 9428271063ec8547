import Link from "next/link"
import type { ReactNode } from "react"

const links = [
  { href: "/explore", label: "Explore" },
  { href: "/collections", label: "Collections" },
  { href: "/pricing", label: "Pricing" },
  { href: "/docs/api", label: "API" },
]

export function SiteFooter({ themeSwitch }: { themeSwitch?: ReactNode }) {
  return (
    <footer data-print="hide" className="mt-14 border-t border-line text-sm text-muted">
      <div className="page flex flex-wrap items-center justify-between gap-x-10 gap-y-4 py-6">
        <p className="max-w-sm">
          Understudy hosts models on your own machines, with an API that Replicate’s clients understand.
        </p>
        <nav aria-label="Footer">
          <ul className="-mx-2 flex flex-wrap">
            {links.map(({ href, label }) => (
              <li key={href}>
                <Link href={href} className="flex min-h-8 items-center rounded-sm px-2 hover:text-text hover:underline">
                  {label}
                </Link>
              </li>
            ))}
            <li>
              <a
                href="/v1/openapi.json"
                className="flex min-h-8 items-center rounded-sm px-2 hover:text-text hover:underline"
              >
                OpenAPI
              </a>
            </li>
          </ul>
        </nav>
        {themeSwitch}
      </div>
    </footer>
  )
}
