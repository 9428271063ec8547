import type { Metadata } from "next"
import Link from "next/link"

import { NothingHere, nothingHere } from "@/app/nothing-here"
import { ActionForm, SubmitButton } from "@/components/action-form"
import { InputView } from "@/components/run/input-view"
import { Disclosure } from "@/components/ui/disclosure"
import { Field, Select } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { PageHeader } from "@/components/ui/page-header"
import { Time } from "@/components/ui/time"
import { may } from "@/lib/access/policy"
import { nullIfUnavailable, currentOrigin } from "@/lib/next/page"
import { currentActor } from "@/lib/next/session"
import { isOver } from "@/lib/predictions/status"
import { listDestinations } from "@/lib/trainings/destinations"
import { presentTraining } from "@/lib/trainings/present"
import { getTraining } from "@/lib/trainings/training"
import { getVersion } from "@/lib/versions/version"
import { changeTrainingAction } from "./actions"
import { TrainingView } from "./training-view"

type Props = { params: Promise<{ id: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id } = await params
  const training = await nullIfUnavailable(getTraining(await currentActor(), id))
  return training ? { title: `Training ${id}`, robots: { index: false } } : nothingHere
}

export default async function TrainingPage({ params }: Props) {
  const { id } = await params
  const actor = await currentActor()
  const training = await nullIfUnavailable(getTraining(actor, id))
  if (!training || !actor) return <NothingHere />
  const body = presentTraining(training, await currentOrigin())
  const mine = may(actor, "run", training.owner_id)
  const over = isOver(training.status)
  const [reference = "", version = ""] = body.output?.version?.split(":") ?? []
  const [owner = "", name = ""] = reference.split("/")
  const isThere = version !== "" && (await nullIfUnavailable(getVersion(actor, owner, name, version))) !== null
  const again = mine && over && !isThere && typeof body.output?.weights === "string" && !body.data_removed
  const destinations = again ? await listDestinations(actor) : []

  return (
    <>
      <PageHeader
        title="Training"
        lead={
          <>
            <Link href={`/${training.destination}`} className="link font-mono">
              {training.destination}
            </Link>
            {training.model !== "" && (
              <>
                <span> learns from </span>
                <Link href={`/${training.model}`} className="link font-mono">
                  {training.model}
                </Link>
                <span>, version </span>
                <Link href={`/${training.model}/versions/${training.version}`} className="link font-mono">
                  {training.version.slice(0, 12)}
                </Link>
              </>
            )}
            <span>{`, ${body.source === "web" ? "started in the browser" : "created with the API"} `}</span>
            <Time iso={training.created_at} />
          </>
        }
        className="mb-6"
      />
      {mine && !over && (
        <div className="mb-8">
          <Change id={id} change="cancel" label="Cancel" />
        </div>
      )}
      {again && (
        <Notice title="The weights were kept, but no version was created" className="mb-8">
          <ActionForm action={changeTrainingAction} className="flex flex-wrap items-end gap-3">
            <input type="hidden" name="id" value={id} />
            <input type="hidden" name="change" value="version" />
            <Field label="Create it for" id="version-destination" className="min-w-60">
              {(control) => (
                <Select {...control} name="destination" defaultValue={training.destination ?? ""}>
                  {destinations.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </Select>
              )}
            </Field>
            <SubmitButton>Create version again</SubmitButton>
          </ActionForm>
        </Notice>
      )}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-10 lg:grid-cols-[minmax(0,1fr)_20rem] lg:gap-14">
        <TrainingView
          key={`${body.status} ${body.data_removed} ${isThere}`}
          initial={body}
          version={isThere ? { reference, id: version } : null}
        />
        <aside aria-label="Input" className="grid content-start gap-6">
          <section aria-labelledby="input">
            <h2 id="input" className="mb-3">
              Input
            </h2>
            {body.data_removed ? <p className="text-muted">Removed.</p> : <InputView input={body.input} />}
          </section>
          {body.cost_limit_usd !== undefined && (
            <p className="text-sm text-muted">{`It is canceled when its cost reaches $${body.cost_limit_usd}.`}</p>
          )}
          {mine && over && !body.data_removed && (
            <Disclosure summary="Delete data">
              <p className="mb-3 text-sm text-muted">
                Permanently deletes the training’s input, logs and weights. A version created from it keeps its own copy
                of the weights.
              </p>
              <Change id={id} change="delete" label="Delete data" />
            </Disclosure>
          )}
        </aside>
      </div>
    </>
  )
}

const Change = ({ id, change, label }: { id: string; change: string; label: string }) => (
  <ActionForm action={changeTrainingAction} className="flex flex-wrap gap-2">
    <input type="hidden" name="id" value={id} />
    <input type="hidden" name="change" value={change} />
    <SubmitButton>{label}</SubmitButton>
  </ActionForm>
)
