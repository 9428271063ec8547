"use client"

import Link from "next/link"

import { SectionForm } from "@/components/section-form"
import { Field, TextInput } from "@/components/ui/field"
import { useActionForm } from "@/components/use-action-form"
import { freshForm } from "@/lib/next/form"
import { saveAlertsAction } from "../../../actions"
import { alertFields, type AlertValues } from "../../../fields"
import { Section } from "./section"

type Props = { deployment: string; webhooks: string | null; values: AlertValues }

/** The settings for alerts: their webhook and their thresholds. */
export function AlertsForm({ deployment, webhooks, values }: Props) {
  const section = useActionForm(saveAlertsAction, freshForm(values), { fields: alertFields })
  const { text, complaints } = section
  return (
    <Section
      id="alerts"
      title="Alerts"
      about={
        <>
          <span>
            A signed webhook is sent when set-up fails, when the monthly limit is reached, and when a value below is
            exceeded: once, and again only after the cause has passed.
          </span>
          {webhooks && (
            <Link href={webhooks} className="link ml-1">
              Deliveries and tests
            </Link>
          )}
        </>
      }
    >
      <SectionForm section={section} hidden={{ deployment }} label="Save alerts" pendingLabel="Saving…">
        <Field
          label="Alert webhook URL"
          mark="optional"
          id="alert_webhook"
          error={complaints.alert_webhook}
          hint="Alerts are sent here. Leave empty to send none."
        >
          {(control) => (
            <TextInput
              {...control}
              {...text("alert_webhook")}
              mono
              inputMode="url"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              placeholder="https://"
              maxLength={2000}
            />
          )}
        </Field>
        <div className="grid gap-x-5 gap-y-6 sm:grid-cols-2">
          <Field
            label="Failed predictions"
            mark="optional"
            id="alert_error_percent"
            error={complaints.alert_error_percent}
            hint="Percentage of predictions that failed in the last ten minutes. Needs at least ten predictions."
          >
            {(control) => (
              <TextInput
                {...control}
                {...text("alert_error_percent")}
                inputMode="numeric"
                autoComplete="off"
                maxLength={10}
              />
            )}
          </Field>
          <Field
            label="Queue longer than"
            mark="optional"
            id="alert_queue_length"
            error={complaints.alert_queue_length}
            hint="Number of queued predictions."
          >
            {(control) => (
              <TextInput
                {...control}
                {...text("alert_queue_length")}
                inputMode="numeric"
                autoComplete="off"
                maxLength={10}
              />
            )}
          </Field>
        </div>
      </SectionForm>
    </Section>
  )
}
