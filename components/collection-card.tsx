import Link from "next/link"

type Props = { collection: { slug: string; name: string; description: string; models: number } }

/** A collection in a list; the whole card is a link. */
export function CollectionCard({ collection: { slug, name, description, models } }: Props) {
  return (
    <li className="relative flex min-w-0 flex-col gap-1.5 rounded-xl border border-line bg-surface p-4 transition-colors hover:border-field">
      <h2 className="text-lg">
        <Link
          href={`/collections/${slug}`}
          className="rounded-sm wrap-anywhere after:absolute after:inset-0 after:rounded-xl hover:text-accent"
        >
          {name}
        </Link>
      </h2>
      {description && <p className="line-clamp-3 text-muted wrap-anywhere">{description}</p>}
      <p className="mt-auto pt-1 text-sm text-muted">{models === 1 ? "1 model" : `${models} models`}</p>
    </li>
  )
}
