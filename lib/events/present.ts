import { z } from "zod"

import { moment } from "@/lib/shapes"
import type { RecordedEvent } from "./store"

/** An audit event of an account. */
export const EventBody = z
  .object({
    id: z.string(),
    action: z.string().describe("The action, such as `model.created`"),
    actor: z.string().nullable().describe("The account that acted"),
    subject: z.string().nullable().describe("The name of the affected object"),
    details: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .describe("Details of the change, without secrets"),
    via: z.enum(["web", "api", "registry", "cli"]).describe("Source of the request"),
    token: z.string().nullable().describe("The name of the token used"),
    address: z.string().nullable().describe("The network address of the client"),
    created_at: moment,
  })
  .meta({ id: "Event" })
export type EventBody = z.infer<typeof EventBody>

/** An audit event of GET /v1/account/events. */
export const presentEvent = ({
  id,
  action,
  actor,
  subject,
  details,
  via,
  token,
  address,
  created_at,
}: RecordedEvent): EventBody => ({
  id: String(id),
  action,
  actor,
  subject,
  details,
  via,
  token,
  address,
  created_at,
})
