import Link from "next/link"

import { actionInWords, sourcesInWords, topicsInWords, type EventWords } from "@/lib/events/words"
import { Pager } from "./pager"
import { Button, ButtonLink } from "./ui/button"
import { EmptyState } from "./ui/empty-state"
import { Field, Select, TextInput } from "./ui/field"
import { ClockIcon } from "./ui/icons"
import { Table } from "./ui/table"
import { Time } from "./ui/time"

type Filter = { topic?: string; actor?: string; via?: string }

type Props = {
  events: EventWords[]
  /** The path of the page, for filters and pagination. */
  path: string
  filter: Filter
  next: string | null
  previous: string | null
  label: string
}

/** The audit log of an account, with filters. */
export function EventList({ events, path, filter, next, previous, label }: Props) {
  const link = (cursor: string | null) => cursor && `${path}?${new URLSearchParams({ ...given(filter), cursor })}`
  const filtered = Object.keys(given(filter)).length > 0
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
      <form action={path} className="grid items-end gap-3 sm:grid-cols-[1fr_1fr_1fr_auto]">
        <Field label="Type" id="topic">
          {(control) => (
            <Select {...control} name="topic" defaultValue={filter.topic ?? ""}>
              <option value="">Everything</option>
              {Object.entries(topicsInWords).map(([topic, label]) => (
                <option key={topic} value={topic}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Account" id="actor">
          {(control) => (
            <TextInput
              {...control}
              name="actor"
              defaultValue={filter.actor ?? ""}
              mono
              maxLength={100}
              placeholder="username"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
            />
          )}
        </Field>
        <Field label="Source" id="via">
          {(control) => (
            <Select {...control} name="via" defaultValue={filter.via ?? ""}>
              <option value="">Any</option>
              {Object.entries(sourcesInWords).map(([source, label]) => (
                <option key={source} value={source}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Button type="submit">Filter</Button>
      </form>
      {events.length === 0 ? (
        <EmptyState
          title={filtered ? "No matching events" : "No events yet"}
          icon={<ClockIcon size={28} />}
          action={filtered && <ButtonLink href={path}>Show all</ButtonLink>}
        >
          {filtered ? "Remove a filter or try another name." : "Changes appear here."}
        </EmptyState>
      ) : (
        <Table label={label}>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Event</th>
              <th scope="col">Source</th>
              <th scope="col">Address</th>
            </tr>
          </thead>
          <tbody>
            {events.map((event) => (
              <tr key={event.id} className="align-top">
                <td className="whitespace-nowrap text-muted">
                  <Time iso={event.created_at} />
                </td>
                <td className="min-w-64">
                  <p className="wrap-anywhere">
                    {event.actor ? (
                      <Link
                        href={`/${event.actor}`}
                        className="rounded-sm font-semibold hover:text-accent hover:underline"
                      >
                        {event.actor}
                      </Link>
                    ) : (
                      <span className="text-muted">Unknown</span>
                    )}
                    <span> </span>
                    <span>{actionInWords(event.action)} </span>
                    {event.subject && <span className="font-mono text-sm">{event.subject}</span>}
                  </p>
                  {event.changes.length > 0 && (
                    <ul className="text-sm text-muted">
                      {event.changes.map((change) => (
                        <li key={change} className="wrap-anywhere">
                          {change}
                        </li>
                      ))}
                    </ul>
                  )}
                </td>
                <td className="whitespace-nowrap">
                  {sourcesInWords[event.via]}
                  {event.token && <span className="block text-sm text-muted">token “{event.token}”</span>}
                </td>
                <td className="font-mono text-sm whitespace-nowrap text-muted">{event.address ?? "–"}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <Pager previous={link(previous)} next={link(next)} />
    </div>
  )
}

const given = (filter: Filter) =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value)) as Record<string, string>
