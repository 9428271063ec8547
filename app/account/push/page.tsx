import type { Metadata } from "next"

import { CodeBlock } from "@/components/ui/code-block"
import { PageHeader } from "@/components/ui/page-header"
import { requireActor } from "@/lib/next/action"
import { currentOrigin, newFormKey } from "@/lib/next/page"
import { listHardware } from "@/lib/hardware/hardware"
import { getCreateOnPush } from "@/lib/registry/create-on-push"
import { loginSnippet } from "@/lib/registry/snippets"
import { CliTokenForm } from "./cli-token-form"
import { CreateOnPushForm } from "./create-on-push-form"

export const metadata: Metadata = { title: "Pushing", robots: { index: false } }

export default async function PushPage() {
  const actor = await requireActor("/account/push")
  const host = (await currentOrigin()).replace(/^https?:\/\//, "")
  const hardware = (await listHardware())
    .filter((row) => row.selectable_for.includes("model") && row.reason === null)
    .map(({ sku, name }) => ({ sku, name }))
  const chosen = await getCreateOnPush(actor, { id: actor.owner_id, username: actor.username })

  return (
    <div className="grid max-w-3xl gap-12">
      <PageHeader title="Pushing" lead="How Docker, Cog and similar tools sign in, and what a push may create." />
      <section aria-labelledby="token" className="grid gap-4">
        <h2 id="token">Command-line token</h2>
        <p className="max-w-2xl text-muted">
          It can only push to and pull from your models. Paste it when <code>cog login</code> asks for it, or pass it to
          Docker:
        </p>
        <CodeBlock label="Sign in" code={loginSnippet(host, actor.username)} />
        <CliTokenForm formKey={await newFormKey()} />
      </section>
      <section aria-labelledby="create" className="grid gap-4">
        <h2 id="create">Models that do not exist yet</h2>
        <p className="max-w-2xl text-muted">
          By default, pushing to a model that does not exist is rejected, so that a typo creates nothing. To create a
          private model instead, choose its hardware.
        </p>
        <CreateOnPushForm hardware={hardware} chosen={chosen} />
      </section>
    </div>
  )
}
