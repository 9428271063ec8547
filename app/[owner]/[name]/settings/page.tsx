import type { Metadata } from "next"
import Link from "next/link"
import type { ReactNode } from "react"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { Cover } from "@/components/cover"
import { ActionFold } from "@/components/ui/action-fold"
import { EmptyState } from "@/components/ui/empty-state"
import { Notice } from "@/components/ui/notice"
import { Time } from "@/components/ui/time"
import { VisibilityBadge } from "@/components/visibility-badge"
import { requireActor } from "@/lib/next/action"
import { newFormKey, param } from "@/lib/next/page"
import { revisionOf } from "@/lib/revision"
import { currentOffers, isOffered } from "@/lib/runners/offers"
import { unavailableReason, listHardware } from "@/lib/hardware/hardware"
import { deletionBlockers, getEditableModel } from "@/lib/models/model"
import { getReadme } from "@/lib/models/readme"
import { findTransfer } from "@/lib/transfers/transfer"
import { rolesWith } from "@/lib/access/require"
import { getAccount } from "@/lib/owners/owner"
import { pictureProblems } from "@/lib/pictures/picture"
import { ModelHeader } from "../model-header"
import { ModelTabs } from "../model-tabs"
import { loadModelPage } from "../load-model-page"
import { CoverLinkForm, CoverUploadForm, RemoveCoverForm } from "./cover-forms"
import { DeleteForm, OfferForm, RenameForm, WithdrawForm } from "./danger-forms"
import { detailsOf } from "./details"
import { DetailsForm } from "./details-form"
import { EgressForm } from "./egress-form"
import { HardwareForm } from "./hardware-form"
import { ReadmeForm } from "./readme-form"
import { Danger, Section } from "./section"
import { VisibilityForm } from "./visibility-form"

type Props = {
  params: Promise<{ owner: string; name: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

const sections = [
  ["details", "Details"],
  ["visibility", "Visibility"],
  ["hardware", "Hardware"],
  ["egress", "Internet access"],
  ["readme", "README"],
  ["cover", "Cover image"],
  ["danger", "Danger zone"],
] as const

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/settings")
  if (!page?.mine) return nothingHere
  return { title: `Settings · ${page.model.owner}/${page.model.name}`, robots: { index: false } }
}

/** The settings of a model: 404 for viewers who may not edit it. */
export default async function SettingsPage({ params, searchParams }: Props) {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/settings")
  if (!page?.mine) return <NothingHere />
  const { manages } = page
  const actor = await requireActor(`/${owner}/${name}/settings`)
  const model = await getEditableModel(actor, owner, name)
  const readme = await getReadme(actor, owner, name)
  const transfer = manages ? await findTransfer(actor, owner, name) : undefined
  const organization = (await getAccount(owner)).type === "organization"
  const query = await searchParams
  const ref = { owner, name }
  const details = detailsOf(model)
  const { cover } = page.model
  const asked = model.egress_asked_at === null ? "none" : "internet"

  return (
    <>
      <ModelHeader model={page.model} hardware={page.hardware} />
      <ModelTabs
        base={`/${owner}/${name}`}
        current="settings"
        hasVersions={model.latest_version !== null}
        trains={page.trains}
        mine
      />
      {param(query.renamed) && (
        <Notice kind="success" role="status" title={`Renamed to ${name}`} className="mb-8">
          Links to the old name redirect here.
        </Notice>
      )}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-[10rem_minmax(0,1fr)] lg:gap-14">
        <nav aria-label="Settings" className="max-lg:hidden">
          <ul className="sticky top-6 grid gap-0.5">
            {sections.map(([id, title]) => (
              <li key={id}>
                <a
                  href={`#${id}`}
                  className="flex min-h-8 items-center rounded-md px-2.5 text-muted transition-colors hover:bg-hover hover:text-text"
                >
                  {title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div className="grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-6">
          <Section id="details" title="Details">
            <DetailsForm model={ref} values={details} revision={revisionOf(details)} />
          </Section>

          <Section
            id="visibility"
            title="Visibility"
            folded={manages}
            lead={
              <p className="flex flex-wrap items-center gap-2">
                <VisibilityBadge visibility={model.visibility} />
                {model.visibility === "public"
                  ? "Everyone can see and run it."
                  : `Only ${organization ? `the members of ${owner}` : "you"} can see and run it.`}
              </p>
            }
          >
            {manages ? (
              <VisibilityForm
                key={model.visibility}
                model={ref}
                visibility={model.visibility}
                hasVersions={model.latest_version !== null}
                organization={organization}
              />
            ) : (
              <UpTo owner={owner} what="Who sees a model" />
            )}
          </Section>

          <Section id="hardware" title="Hardware">
            <HardwareForm
              model={ref}
              hardware={model.hardware}
              revision={revisionOf({ hardware: model.hardware })}
              rows={await rowsFor(model.hardware)}
            />
          </Section>

          <Section id="egress" title="Internet access" lead={egressInWords[page.model.egress]} folded={manages}>
            {manages ? (
              <EgressForm key={asked} model={ref} egress={asked} revision={revisionOf({ egress: asked })} />
            ) : (
              <UpTo owner={owner} what="What a model may reach" />
            )}
          </Section>

          <Section id="readme" title="README">
            <ReadmeForm
              account={actor.username}
              model={ref}
              readme={readme ?? ""}
              revision={revisionOf({ readme: readme ?? "" })}
            />
          </Section>

          <Section
            id="cover"
            title="Cover image"
            lead="Shown on the model’s page and in lists, cropped to 16:9."
            folded
          >
            <ActionFold
              label={cover && !page.model.cover_is_example ? "Change…" : "Add a cover…"}
              forced={param(query.cover) !== undefined}
              corner
            >
              <div className="grid gap-6 sm:grid-cols-[minmax(0,1fr)_14rem]">
                <div className="grid content-start gap-5">
                  <CoverUploadForm key={cover ?? ""} model={ref} outcome={coverOutcome(param(query.cover))} />
                  <CoverLinkForm
                    key={model.cover_image_url}
                    model={ref}
                    link={model.cover_image_url ?? ""}
                    revision={revisionOf({ cover_image_url: model.cover_image_url ?? "" })}
                  />
                </div>
                <div className="grid content-start justify-items-start gap-2">
                  {cover ? (
                    <>
                      <Cover src={cover} alt={`Cover of ${owner}/${name}`} className="w-full" />
                      {page.model.cover_is_example ? (
                        <p className="text-sm text-muted">
                          <span>From the </span>
                          <Link href={`/${owner}/${name}/examples`} className="link">
                            default example
                          </Link>
                          <span>, as long as there is no other.</span>
                        </p>
                      ) : (
                        <RemoveCoverForm model={ref} />
                      )}
                    </>
                  ) : (
                    <p className="flex aspect-video w-full items-center justify-center rounded-lg border border-dashed border-field text-sm text-muted">
                      No cover yet
                    </p>
                  )}
                </div>
              </div>
            </ActionFold>
          </Section>

          <section aria-labelledby="danger" className="grid grid-cols-[minmax(0,1fr)] gap-4 border-t border-line pt-6">
            <h2 id="danger" className="scroll-mt-6">
              Danger zone
            </h2>
            {manages ? (
              <div className="rounded-xl border border-danger/50">
                <Danger
                  id="rename"
                  title="Rename"
                  lead={
                    <p>
                      Old links, API reads and pushes keep working. API changes need the new name. Reusing the old name
                      ends its redirect.
                    </p>
                  }
                >
                  <RenameForm key={name} model={ref} />
                </Danger>
                <Danger
                  id="transfer"
                  title="Transfer"
                  lead={
                    <p>
                      The model moves to another account with its versions and README once they accept.{" "}
                      {model.visibility === "private"
                        ? "You will no longer be able to edit it or see it, because it is private."
                        : "You will no longer be able to edit it."}{" "}
                      Old links redirect to the new owner.
                    </p>
                  }
                >
                  {transfer && !transfer.ended_at ? (
                    <WithdrawForm key={transfer.id} model={ref} to={transfer.to} since={transfer.created_at} />
                  ) : (
                    <>
                      {transfer?.outcome === "declined" && (
                        <p className="text-sm text-muted">
                          {transfer.to} declined your offer <Time iso={transfer.ended_at!} />.
                        </p>
                      )}
                      <OfferForm model={ref} />
                    </>
                  )}
                </Danger>
                <Danger
                  id="delete"
                  title="Delete"
                  lead={
                    <p>
                      Permanently deletes the model, README, cover and redirects. Only {organization ? owner : "you"}{" "}
                      can reuse the name.
                    </p>
                  }
                >
                  <DeleteForm model={ref} formKey={await newFormKey()} blockers={await deletionBlockers(model)} />
                </Danger>
              </div>
            ) : (
              <UpTo owner={owner} what="Renaming, transferring and deleting models" />
            )}
          </section>
        </div>
      </div>
    </>
  )
}

const egressInWords = {
  none: "No network, unless requested here and allowed by an administrator.",
  requested: "Requested. It has no network until an administrator allows it.",
  internet: "Allowed. Everyone who can see the model sees that it can reach the Internet.",
}

const UpTo = ({ owner, what }: { owner: string; what: string }): ReactNode => (
  <EmptyState title={`${what} in ${owner} is up to ${rolesWith("manage")}`}>Ask one of them for changes.</EmptyState>
)

/** The current hardware stays selectable even if it is no longer available to new models. */
const rowsFor = async (current: string) => {
  const offers = await currentOffers()
  return (await listHardware()).map(({ sku, name, usd_per_second, gpus, cpus, gpu_ram_gb, ram_gb, ...row }) => ({
    sku,
    name,
    usd_per_second,
    gpus,
    cpus,
    gpu_ram_gb,
    ram_gb,
    reason: sku === current ? null : unavailableReason(row),
    offered: isOffered(offers, sku),
  }))
}

/** The outcome of a cover upload without scripts. */
function coverOutcome(outcome: string | undefined) {
  if (!outcome) return null
  if (outcome === "saved") return { saved: true } as const
  const known = Object.hasOwn(pictureProblems, outcome)
    ? pictureProblems[outcome as keyof typeof pictureProblems]
    : null
  return { saved: false, detail: known ?? "The image could not be stored. Try again later." } as const
}
