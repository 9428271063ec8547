import { env } from "@/env"
import type { Actor } from "@/lib/auth/actor"
import type { Job } from "@/lib/jobs/job"
import { actorFor, findAccount } from "@/lib/owners/owner"
import { createPrediction } from "@/lib/predictions/create"
import { addExample, listExamples } from "@/lib/predictions/example"
import { listPredictions } from "@/lib/predictions/prediction"
import { waitFor } from "@/lib/predictions/wait"
import { bundledOwner } from "@/lib/versions/bundled"
import { catalogue, findBundle, type Bundle } from "./catalogue"
import { exampleInputs } from "./examples"

/** Seconds until the end of an example, including its time in the queue. */
const patience = 120
/** After this many failed runs, a version stays without examples. */
const maxTries = 5

/**
 * Runs each bundled model on its examples once and shows the results on its page. Starts a minute after the process, so
 * as not to slow down the first visit.
 */
export const bundledExamplesJob: Job = {
  name: "examples of bundled models",
  every: 3600,
  by: "installation",
  delay: 60,
  run: showExamples,
}

/** One model at a time, to limit the load. */
export async function showExamples(signal?: AbortSignal): Promise<void> {
  if (env.RUN_BUNDLED === "off" || env.RUN_ENGINE === "off") return
  const organization = await findAccount(bundledOwner)
  if (organization?.type !== "organization") return
  const actor = actorFor(organization, "cli")
  for (const model of catalogue) {
    const bundle = findBundle(model)
    if (bundle && !signal?.aborted && (await needsExamples(actor, bundle))) await runExamples(actor, bundle, signal)
  }
}

async function needsExamples(actor: Actor, { model: { name }, id }: Bundle): Promise<boolean> {
  if ((await listExamples(actor, bundledOwner, name)).rows.length > 0) return false
  const tries = await listPredictions(actor, { model: `${bundledOwner}/${name}`, version: id })
  return tries.rows.length < maxTries
}

async function runExamples(actor: Actor, { model, id }: Bundle, signal?: AbortSignal): Promise<void> {
  for (const input of await exampleInputs(model)) {
    const body = { version: `${bundledOwner}/${model.name}:${id}`, input, lifetime: `${patience}s` }
    const prediction = await createPrediction(actor, { version: "named" }, body, { origin: "" })
    const { status } = await waitFor(prediction, patience, signal)
    if (status !== "succeeded") return
    await addExample(actor, bundledOwner, model.name, prediction.id)
  }
}
