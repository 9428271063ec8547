import Link from "next/link"

type Props = { base: string; current: "overview" | "versions" | "api" }

/** The parts of a model's page, each with an address of its own. */
export function ModelTabs({ base, current }: Props) {
  const tabs = [
    { id: "overview", label: "Overview", href: base },
    { id: "versions", label: "Versions", href: `${base}/versions` },
    { id: "api", label: "API", href: `${base}/api` },
  ]
  return (
    <nav aria-label="Model" className="mt-6 mb-8 border-b border-line">
      <ul className="-mb-px flex gap-1 overflow-x-auto">
        {tabs.map((tab) => (
          <li key={tab.id}>
            <Link
              href={tab.href}
              aria-current={tab.id === current ? "page" : undefined}
              className="flex min-h-10 items-center border-b-2 border-transparent px-3 text-muted hover:text-text focus-visible:-outline-offset-2 aria-[current]:border-accent aria-[current]:font-semibold aria-[current]:text-text"
            >
              {tab.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
