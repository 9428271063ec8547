"use client"

import { useSyncExternalStore } from "react"

import { ActionForm, SubmitButton } from "@/components/action-form"
import { SectionForm } from "@/components/section-form"
import { Field, FieldGroup, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useActionForm } from "@/components/use-action-form"
import { dayNames, lineInWords, weekdays, type ScheduleLine } from "@/lib/deployments/schedule"
import { freshForm } from "@/lib/next/form"
import { addToScheduleAction, removeFromScheduleAction } from "../../../actions"
import { scheduleFields, type ScheduleValues } from "../../../fields"
import { Section } from "./section"

type Props = { deployment: string; lines: ScheduleLine[]; most: number; saved: boolean }

/** The schedule of minimum instances: its lines, and a form to add one. */
export function ScheduleForms({ deployment, lines, most, saved }: Props) {
  return (
    <Section
      id="schedule"
      title="Schedule"
      about="Keeps instances ready at fixed times, regardless of the minimum. Where entries overlap, the largest number applies."
    >
      {saved && (
        <Notice kind="success" role="status">
          Schedule saved.
        </Notice>
      )}
      {lines.length > 0 && (
        <ActionForm action={removeFromScheduleAction}>
          <input type="hidden" name="deployment" value={deployment} />
          <ul
            aria-label="Lines of the schedule"
            className="divide-y divide-line rounded-xl border border-line bg-surface"
          >
            {lines.map((line) => (
              <li
                key={JSON.stringify(line)}
                className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 px-4 py-3"
              >
                <span className="min-w-0 flex-1 basis-56">
                  <span>{lineInWords(line)}</span>
                  <span className="block text-sm text-muted">
                    {line.min_instances > most
                      ? `${line.min_instances} instances, but at most ${most}, the maximum`
                      : `${line.min_instances} ${line.min_instances === 1 ? "instance" : "instances"}`}
                  </span>
                </span>
                <SubmitButton
                  name="line"
                  value={JSON.stringify(line)}
                  size="sm"
                  aria-label={`Remove ${lineInWords(line)}`}
                  pendingLabel="Removing…"
                >
                  Remove
                </SubmitButton>
              </li>
            ))}
          </ul>
        </ActionForm>
      )}
      <LineForm
        // Adding a line clears the form.
        key={lines.length}
        deployment={deployment}
        time_zone={lines.at(-1)?.time_zone}
      />
    </Section>
  )
}

function LineForm({ deployment, time_zone }: { deployment: string; time_zone: string | undefined }) {
  const own = useSyncExternalStore(never, ownTimeZone, () => "UTC")
  const section = useActionForm(
    addToScheduleAction,
    freshForm<ScheduleValues>({ days: "1,2,3,4,5", from: "08:00", to: "18:00", time_zone: "", min_instances: "1" }),
    { fields: scheduleFields },
  )
  const { state, complaints } = section
  const values = state.values
  return (
    <SectionForm section={section} hidden={{ deployment }} label="Add to schedule" pendingLabel="Adding…">
      <FieldGroup label="Days" id="days" error={complaints.days}>
        <div className="flex flex-wrap gap-x-5 gap-y-1">
          {weekdays.map((day) => (
            <label key={day} className="flex min-h-8 items-center gap-2">
              <input
                type="checkbox"
                name="days"
                value={day}
                defaultChecked={values.days.split(",").includes(String(day))}
              />
              {dayNames[day]}
            </label>
          ))}
        </div>
      </FieldGroup>
      <div className="grid grid-cols-2 gap-x-5 gap-y-6 lg:grid-cols-4">
        {(
          [
            ["from", "From"],
            ["to", "To"],
          ] as const
        ).map(([name, label]) => (
          <Field key={name} label={label} id={name} error={complaints[name]}>
            {(control) => <TextInput {...control} type="time" name={name} defaultValue={values[name]} />}
          </Field>
        ))}
        <Field
          label="Time zone"
          id="time_zone"
          error={complaints.time_zone}
          className="max-sm:col-span-2"
          hint="Such as Europe/Berlin."
        >
          {(control) => (
            <TextInput
              {...control}
              // The browser's time zone is only known after hydration.
              key={own}
              name="time_zone"
              defaultValue={values.time_zone || time_zone || own}
              autoComplete="off"
              spellCheck={false}
              maxLength={64}
            />
          )}
        </Field>
        <Field
          label="Instances"
          id="schedule_instances"
          error={complaints.min_instances}
          className="max-sm:col-span-2"
          hint="1 to 5, kept ready."
        >
          {(control) => (
            <TextInput
              {...control}
              name="min_instances"
              defaultValue={values.min_instances}
              inputMode="numeric"
              autoComplete="off"
              maxLength={3}
            />
          )}
        </Field>
      </div>
    </SectionForm>
  )
}

const never = () => () => {}
const ownTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC"
