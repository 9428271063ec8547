import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import {
  createDeployment,
  deleteDeployment,
  disableDeployment,
  enableDeployment,
  getDeployment,
  listDeployments,
  listReleases,
  rollBack,
  updateDeployment,
  warmUp,
} from "@/lib/deployments/deployment"
import type { Actor } from "@/lib/auth/actor"
import { metricsOf } from "@/lib/deployments/metrics"
import { metricsCsv } from "@/lib/deployments/metrics-csv"
import { DeploymentBody, MetricsBody, presentDeployment, presentRelease, ReleasesBody } from "@/lib/deployments/present"
import type { Deployment } from "@/lib/deployments/row"
import { runDeployment } from "@/lib/deployments/run"
import {
  CreateDeploymentInput,
  MetricsQuery,
  ReleasesQuery,
  RollbackInput,
  UpdateDeploymentInput,
  WarmInput,
} from "@/lib/deployments/schema"
import { PredictionBody } from "@/lib/models/prediction-body"
import { CreateHeaders, NewPrediction } from "@/lib/predictions/schema"
import { presentPage } from "./paging"
import { bodyLimit, repeatPrediction, sendPrediction } from "./predictions"
import { Empty, ListQuery, pageOfBody, refusals } from "./schemas"

const DeploymentRef = z.object({ owner: z.string(), name: z.string() })

const present = (actor: Actor | null, deployment: Deployment) => presentDeployment(actor, deployment, deployment.by)

export const deployments: FastifyPluginAsyncZod = async (v1) => {
  v1.get(
    "/deployments",
    {
      config: { unstored: true },
      schema: {
        operationId: "deployments.list",
        summary: "List the account's deployments, newest first",
        tags: ["Deployments"],
        querystring: ListQuery,
        response: { 200: pageOfBody(DeploymentBody), ...refusals(400, 401) },
      },
    },
    async (request) =>
      presentPage(request, await listDeployments(request.actor, request.query.cursor), (one) =>
        present(request.actor, one),
      ),
  )

  v1.post(
    "/deployments",
    {
      schema: {
        operationId: "deployments.create",
        summary: "Create a deployment",
        description:
          "It belongs to the account of the token. `version` is the id of a version of `model`, or a tag such as `stable`; with `follows`, it moves on when that tag does.",
        tags: ["Deployments"],
        body: CreateDeploymentInput,
        response: { 200: DeploymentBody, ...refusals(400, 401, 403, 404, 409, 413, 422) },
      },
    },
    async ({ actor, body }) => present(actor, await createDeployment(actor, body as CreateDeploymentInput)),
  )

  v1.get(
    "/deployments/:owner/:name",
    {
      config: { unstored: true },
      schema: {
        operationId: "deployments.get",
        summary: "Get a deployment",
        tags: ["Deployments"],
        params: DeploymentRef,
        response: { 200: DeploymentBody, ...refusals(401, 404) },
      },
    },
    async ({ actor, params }) => present(actor, await getDeployment(actor, params.owner, params.name)),
  )

  v1.patch(
    "/deployments/:owner/:name",
    {
      schema: {
        operationId: "deployments.update",
        summary: "Change a deployment",
        description:
          "Changing the model, version, hardware or instances creates a release, whose instances start before it takes over. With `canary_percent`, that percentage of predictions goes to it first, for `canary_minutes`; it is abandoned if it does worse.",
        tags: ["Deployments"],
        params: DeploymentRef,
        body: UpdateDeploymentInput,
        response: { 200: DeploymentBody, ...refusals(400, 401, 403, 404, 413, 422) },
      },
    },
    async ({ actor, params, body }) =>
      present(actor, await updateDeployment(actor, params.owner, params.name, body as UpdateDeploymentInput)),
  )

  v1.delete(
    "/deployments/:owner/:name",
    {
      schema: {
        operationId: "deployments.delete",
        summary: "Delete a deployment",
        description: "It must have had no instances for 15 minutes.",
        tags: ["Deployments"],
        params: DeploymentRef,
        response: { 204: Empty, ...refusals(400, 401, 403, 404) },
      },
    },
    async ({ actor, params }, reply) => {
      await deleteDeployment(actor, params.owner, params.name)
      return reply.code(204).send()
    },
  )

  v1.get(
    "/deployments/:owner/:name/releases",
    {
      config: { unstored: true },
      schema: {
        operationId: "deployments.releases.list",
        summary: "List the latest releases of a deployment, newest first",
        tags: ["Deployments"],
        params: DeploymentRef,
        querystring: ReleasesQuery,
        response: { 200: ReleasesBody, ...refusals(400, 401, 404) },
      },
    },
    async ({ actor, params, query }) => {
      const { rows } = await listReleases(await getDeployment(actor, params.owner, params.name), query.before ?? null)
      return { results: rows.map(({ release, by }) => presentRelease(release, by)) }
    },
  )

  v1.get(
    "/deployments/:owner/:name/metrics",
    {
      config: { unstored: true },
      schema: {
        operationId: "deployments.metrics",
        summary: "Get the metrics of a deployment, as JSON or CSV",
        description:
          "For each step of a range: predictions, failures, cold starts, instances, cost, and percentiles of the seconds from the request to the end and of its parts. Counts, cold starts and cost are always complete. Percentiles, queue depth and instances at once are computed from the newest 20,000 predictions and 5,000 instances; where there were more, `complete_since` says since when they are complete.",
        tags: ["Deployments"],
        params: DeploymentRef,
        querystring: MetricsQuery,
        response: {
          200: {
            content: { "application/json": { schema: MetricsBody }, "text/csv": { schema: z.string() } },
          },
          ...refusals(400, 401, 404),
        },
      },
    },
    async ({ actor, params, query }, reply) => {
      const metrics = await metricsOf(await getDeployment(actor, params.owner, params.name), query.range)
      return query.format === "csv"
        ? reply.type("text/csv; charset=utf-8").send(metricsCsv(metrics.steps) as never)
        : reply.type("application/json; charset=utf-8").send(metrics as never)
    },
  )

  v1.post(
    "/deployments/:owner/:name/rollback",
    {
      schema: {
        operationId: "deployments.rollback",
        summary: "Roll back to an earlier release, as a new release",
        tags: ["Deployments"],
        params: DeploymentRef,
        body: RollbackInput,
        response: { 200: DeploymentBody, ...refusals(400, 401, 403, 404, 413, 422) },
      },
    },
    async ({ actor, params, body }) =>
      present(actor, await rollBack(actor, params.owner, params.name, body as { release: number })),
  )

  for (const [action, verb, summary] of [
    ["disable", disableDeployment, "Disable a deployment: its instances stop, and predictions are refused"],
    ["enable", enableDeployment, "Enable a deployment again"],
  ] as const)
    v1.post(
      `/deployments/:owner/:name/${action}`,
      {
        schema: {
          operationId: `deployments.${action}`,
          summary,
          tags: ["Deployments"],
          params: DeploymentRef,
          response: { 200: DeploymentBody, ...refusals(401, 403, 404) },
        },
      },
      async ({ actor, params }) => present(actor, await verb(actor, params.owner, params.name)),
    )

  v1.post(
    "/deployments/:owner/:name/warm",
    {
      schema: {
        operationId: "deployments.warm",
        summary: "Boot instances now, and keep them ready for a while",
        tags: ["Deployments"],
        params: DeploymentRef,
        body: WarmInput,
        response: { 200: DeploymentBody, ...refusals(400, 401, 403, 404, 413, 422) },
      },
    },
    async ({ actor, params, body }) =>
      present(actor, await warmUp(actor, params.owner, params.name, body as { instances: number })),
  )

  v1.post(
    "/deployments/:owner/:name/predictions",
    {
      bodyLimit,
      config: { limit: "create", unstored: true, repeat: repeatPrediction },
      schema: {
        operationId: "deployments.predictions.create",
        summary: "Run a deployment",
        tags: ["Deployments"],
        params: DeploymentRef,
        headers: CreateHeaders,
        body: NewPrediction.omit({ version: true }),
        response: { 201: PredictionBody, ...refusals(400, 401, 403, 404, 413, 422, 429) },
      },
    },
    async (request, reply) =>
      sendPrediction(request, reply, (options) =>
        runDeployment(request.actor, request.params.owner, request.params.name, request.body, options),
      ),
  )
}
