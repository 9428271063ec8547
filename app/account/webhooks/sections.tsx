import { Notice } from "@/components/ui/notice"
import { newFormKey, param } from "@/lib/next/page"
import type { Page } from "@/lib/page"
import type { ListedDelivery } from "@/lib/webhooks/delivery"
import { DeliveryList } from "./delivery-list"
import { SecretForm } from "./secret-form"
import { TestForm } from "./test-form"

type Props = {
  deliveries: Page<ListedDelivery>
  previousUntil: string | null
  path: string
  organization?: string
  query: Record<string, string | string[] | undefined>
}

/** The webhooks of an account: the signing secret, a test form and the deliveries. */
export const WebhookSections = async ({ deliveries, previousUntil, path, organization, query }: Props) => (
  <div className="grid grid-cols-[minmax(0,1fr)] gap-12">
    <section aria-labelledby="secret" className="max-w-2xl">
      <h2 id="secret" className="mb-2">
        Signing secret
      </h2>
      <p className="mb-4 text-muted">
        Every delivery is signed with it, so that a receiver can verify the sender. Programs read it from{" "}
        <span className="font-mono text-sm">GET /v1/webhooks/default/secret</span>. After a rotation, both secrets are
        valid for a day.
      </p>
      <SecretForm organization={organization} formKey={await newFormKey()} previousUntil={previousUntil} />
    </section>
    <section aria-labelledby="test" className="max-w-2xl">
      <h2 id="test" className="mb-4">
        Send a test
      </h2>
      <TestForm organization={organization} />
    </section>
    <section aria-labelledby="deliveries">
      <h2 id="deliveries" className="mb-2">
        Deliveries
      </h2>
      <p className="mb-4 text-muted">
        The last 30 days. <span className="font-mono text-sm">completed</span> and{" "}
        <span className="font-mono text-sm">alert</span> are retried for about 15 hours with growing intervals until the
        receiver answers with a 2xx status; the others are sent once.
      </p>
      {param(query.sent) && (
        <Notice kind="success" role="status" className="mb-4">
          Sent again. The outcome is in the list.
        </Notice>
      )}
      {param(query.refused) && (
        <Notice kind="warn" role="status" className="mb-4">
          That delivery cannot be sent again: it is still being sent, or the data of its prediction was removed.
        </Notice>
      )}
      <DeliveryList page={deliveries} path={path} organization={organization} />
    </section>
  </div>
)
