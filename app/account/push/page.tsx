import type { Metadata } from "next"

import { CodeBlock } from "@/components/ui/code-block"
import { PageHeader } from "@/components/ui/page-header"
import { requireActor } from "@/lib/next/action"
import { siteOrigin } from "@/lib/next/page"
import { listHardware } from "@/lib/hardware/hardware"
import { getCreateOnPush } from "@/lib/registry/create-on-push"
import { loginSnippet } from "@/lib/registry/snippets"
import { CliTokenForm } from "./cli-token-form"
import { CreateOnPushForm } from "./create-on-push-form"

export const metadata: Metadata = { title: "Pushing", robots: { index: false } }

export default async function PushPage() {
  const actor = await requireActor("/account/push")
  const host = (await siteOrigin()).replace(/^https?:\/\//, "")
  const hardware = (await listHardware())
    .filter((row) => row.selectable_for.includes("model") && row.reason === null)
    .map(({ sku, name }) => ({ sku, name }))
  const chosen = await getCreateOnPush(actor, { id: actor.owner_id, username: actor.username })

  return (
    <div className="grid max-w-3xl gap-12">
      <PageHeader title="Pushing" lead="What docker, Cog and their kin sign in with, and what a push may do for you." />
      <section aria-labelledby="token" className="grid gap-4">
        <h2 id="token">A token for the command line</h2>
        <p className="max-w-2xl text-muted">
          It pushes to and pulls from all your models, and can do nothing else. Paste it where <code>cog login</code>{" "}
          asks for it, or hand it to docker:
        </p>
        <CodeBlock label="Sign in" code={loginSnippet(host, actor.username)} />
        <CliTokenForm />
      </section>
      <section aria-labelledby="create" className="grid gap-4">
        <h2 id="create">Models that do not exist yet</h2>
        <p className="max-w-2xl text-muted">
          A push to a model that you have not created is refused, so that a slip of the keyboard makes nothing. If you
          would rather have it created, choose what it shall run on. It will be private.
        </p>
        <CreateOnPushForm hardware={hardware} chosen={chosen} />
      </section>
    </div>
  )
}
