import { expect, test } from "vitest"

import { aModel, anAccount } from "@/lib/test/factories"
import contract from "./contract.json"
import { buildApi } from "./api"

/** Samples in the published documentation send `"license_url": "license_url"`, which is rejected here. */
const linksOnly = "A link that has no scheme leads nowhere, and the page would show it to everybody."

/**
 * Where this API deliberately differs from Replicate's published contract, and why. Everything else must match:
 * responses contain nothing that the contract rules out, and every request that it allows is accepted. contract.json
 * lists the published operations: `name!` is required, `A|B` one of several types, `X[]` a list.
 */
const differences: Record<string, string> = {
  "Model.created_at is ours": "The service itself answers it, though its document does not say so.",
  "Model.weights_url is ours":
    "The service itself answers it once it was set with models.update, though its document does not say so.",
  "Deployment.alert_error_percent is ours": "Owners are alerted by a webhook.",
  "Deployment.alert_queue_length is ours": "Owners are alerted by a webhook.",
  "Deployment.alert_webhook is ours": "Owners are alerted by a webhook.",
  "Deployment.buffer_instances is ours": "Instances can be ready before the next prediction comes.",
  "Deployment.current_release.failed is ours": "Who reads the releases wants to know which of them never served.",
  "Deployment.current_release.rollback_of is ours": "A release that brings back another says which.",
  "Deployment.disabled_reason is ours": "What disabled itself says why.",
  "Deployment.enabled is ours": "There it is told by zero instances only.",
  "Deployment.follows is ours": "What is deployed can follow a tag.",
  "Deployment.idle_seconds is ours": "How long an idle instance stays is for its owner to say.",
  "Deployment.monthly_cap_usd is ours": "Nobody should be surprised by a bill.",
  "Deployment.queue_limit is ours": "A queue without end serves nobody.",
  "Deployment.rollout is ours": "Here a release takes over only when its instances are ready, and may be given up.",
  "Deployment.run_limit_minutes is ours": "What runs too long is ended.",
  "Deployment.schedule is ours": "Instances can be ready when they are needed.",
  "Deployment.setup_limit_minutes is ours": "How long a set-up may take depends on the model.",
  "Deployment.serving_release is ours": "Here a release takes over only when its instances are ready.",
  "deployments.create body.alert_error_percent is ours": "Owners are alerted by a webhook.",
  "deployments.create body.alert_queue_length is ours": "Owners are alerted by a webhook.",
  "deployments.create body.alert_webhook is ours": "Owners are alerted by a webhook.",
  "deployments.create body.buffer_instances is ours": "Instances can be ready before the next prediction comes.",
  "deployments.create body.follows is ours": "What is deployed can follow a tag.",
  "deployments.create body.idle_seconds is ours": "How long an idle instance stays is for its owner to say.",
  "deployments.create body.model may be a text of another form":
    "A model is named as owner/name; nothing else can be found.",
  "deployments.create body.monthly_cap_usd is ours": "Nobody should be surprised by a bill.",
  "deployments.create body.name may be a text of another form": "It is part of an address, as the name of a model is.",
  "deployments.create body.queue_limit is ours": "A queue without end serves nobody.",
  "deployments.create body.run_limit_minutes is ours": "What runs too long is ended.",
  "deployments.create body.schedule is ours": "Instances can be ready when they are needed.",
  "deployments.create body.setup_limit_minutes is ours": "How long a set-up may take depends on the model.",
  "deployments.predictions.create 202 is absent":
    "The service itself was only ever seen to answer 201, which every client takes.",
  "deployments.predictions.create body.lifetime is ours":
    "Newer documentation of the service has it beside the header.",
  "deployments.predictions.create body.webhook_completed is ours": "The older Python client sends it.",
  "deployments.update body.alert_error_percent is ours": "Owners are alerted by a webhook.",
  "deployments.update body.alert_queue_length is ours": "Owners are alerted by a webhook.",
  "deployments.update body.alert_webhook is ours": "Owners are alerted by a webhook.",
  "deployments.update body.buffer_instances is ours": "Instances can be ready before the next prediction comes.",
  "deployments.update body.canary_minutes is ours": "A new release can be tried on some of the predictions.",
  "deployments.update body.canary_percent is ours": "A new release can be tried on some of the predictions.",
  "deployments.update body.follows is ours": "What is deployed can follow a tag.",
  "deployments.update body.idle_seconds is ours": "How long an idle instance stays is for its owner to say.",
  "deployments.update body.model is ours": "The Go client sends it.",
  "deployments.update body.monthly_cap_usd is ours": "Nobody should be surprised by a bill.",
  "deployments.update body.queue_limit is ours": "A queue without end serves nobody.",
  "deployments.update body.run_limit_minutes is ours": "What runs too long is ended.",
  "deployments.update body.schedule is ours": "Instances can be ready when they are needed.",
  "deployments.update body.setup_limit_minutes is ours": "How long a set-up may take depends on the model.",
  "Prediction.metrics.cost_usd is ours": "What a prediction cost can otherwise be read on a page only.",
  "Prediction.metrics.predict_time is ours": "The service itself answers it, though its document does not say so.",
  "Prediction.status_detail is ours": "Here what a prediction needs may be on no machine, and who waits wants to know.",
  "Prediction.webhook is ours":
    "The service itself answers it where one was given, though its document does not say so.",
  "Prediction.webhook_events_filter is ours":
    "The service itself answers it where one was given, though its document does not say so.",
  "Prediction.destination is ours":
    "A training can be read and cancelled as a prediction too, and says there which it is.",
  "Training.cost_limit_usd is ours": "Who set a limit to what a training may cost wants to see it.",
  "Training.data_removed is ours": "The data of a training can be deleted as that of a prediction can.",
  "Training.deadline is ours": "Cancel-After is taken for trainings too.",
  "Training.destination is ours":
    "Clients look for it from the creation on, and the service answers it to some of them.",
  "Training.metrics.cost_usd is ours": "What a training cost can otherwise be read on a page only.",
  "Training.status_detail is ours": "Here what a training needs may be on no machine, and who waits wants to know.",
  "Training.urls.web is ours": "The service itself answers it, though its document does not say so.",
  "Training.webhook is ours": "As for predictions.",
  "Training.webhook_events_filter is ours": "As for predictions.",
  "trainings.create body.cost_limit_usd is ours": "A training that does not end should not cost without end.",
  "trainings.create body.lifetime is ours": "As for predictions.",
  "models.predictions.create 202 is absent":
    "The service itself was only ever seen to answer 201, which every client takes.",
  "models.predictions.create body.lifetime is ours": "Newer documentation of the service has it beside the header.",
  "models.predictions.create body.webhook_completed is ours": "The older Python client sends it.",
  "predictions.create 202 is absent": "The service itself was only ever seen to answer 201, which every client takes.",
  "predictions.create body.lifetime is ours": "Newer documentation of the service has it beside the header.",
  "predictions.create body.webhook_completed is ours": "The older Python client sends it.",
  "predictions.list query.model is ours": "Who runs several models looks for what one of them did.",
  "predictions.list query.status is ours": "Who looks for what failed need not read all the rest.",
  "predictions.list query.version is ours": "Who tries a new version out compares it with the one before.",
  "Model.egress is ours":
    "Whether a model may reach the Internet is decided here, where what is pushed runs on the operator's machine.",
  "Model.hardware is ours": "Owners asked to see what their own model runs on; strangers never get the field.",
  "hardware.list 200[].available is ours": "Here hardware may be in the catalogue and on no machine.",
  "hardware.list 200[].cpus is ours": "What hardware is made of can otherwise be read on a page only.",
  "hardware.list 200[].gpu_ram_gb is ours": "What hardware is made of can otherwise be read on a page only.",
  "hardware.list 200[].gpus is ours": "What hardware is made of can otherwise be read on a page only.",
  "hardware.list 200[].price_per_hour is ours": "What hardware costs can otherwise be read on a page only.",
  "hardware.list 200[].price_per_second is ours": "What hardware costs can otherwise be read on a page only.",
  "hardware.list 200[].ram_gb is ours": "What hardware is made of can otherwise be read on a page only.",
  "models.create body.cover_image_url may be a text of another form": linksOnly,
  "models.create body.github_url may be a text of another form": linksOnly,
  "models.create body.license_url may be a text of another form": linksOnly,
  "models.create body.name may be a text of another form":
    "The service says in words what a name is made of; nothing could be pushed to any other.",
  "models.create body.paper_url may be a text of another form": linksOnly,
  "models.list query.limit is ours":
    "Who reads the whole list wants fewer round trips; without it a page has the published 25.",
  "models.search 200.results[].description may be null":
    "As in every other answer with a model; the published document differs from itself here.",
  "models.search 200.results[].created_at is ours": "A model that was found is the same object as one that was read.",
  "models.search 200.results[].egress is ours": "As Model.egress.",
  "models.search 200.results[].hardware is ours":
    "A model that was found is the same object as one that was read; here the field is always left out.",
  "models.search 200.results[].is_official is ours": "A model that was found is the same object as one that was read.",
  "models.search 200.results[].weights_url is ours": "A model that was found is the same object as one that was read.",
  "models.update body.cover_image_url is ours": "Changing the picture needs no browser.",
  "models.update body.github_url may be a text of another form": linksOnly,
  "models.update body.egress is ours": "Asking for the Internet needs no browser.",
  "models.update body.hardware is ours": "Changing the hardware needs no browser.",
  "models.update body.license_url may be a text of another form": linksOnly,
  "models.update body.paper_url may be a text of another form": linksOnly,
  "models.update body.visibility is ours": "Publishing a model needs no browser.",
  "models.update body.weights_url may be a text of another form": linksOnly,
}

/** Errors and 304 are only in our document; the contract lists successful responses. */
const isRefusal = (status: string) => Number(status) >= 300

type Type = {
  shape?: string
  kinds: Set<string>
  values?: Set<string>
  /** Whether a string must match a pattern. */
  patterned?: boolean
  fields?: Map<string, { type: Type; required: boolean }>
  items?: Type
}
type Schema = {
  $ref?: string
  anyOf?: Schema[]
  type?: string | string[]
  enum?: unknown[]
  pattern?: string
  const?: unknown
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: unknown
}
type Media = Record<string, { schema?: Schema }>
type Operation = {
  operationId?: string
  security?: unknown[]
  parameters?: { in: string; name: string; required?: boolean; schema: Schema }[]
  requestBody?: { content: Media }
  responses: Record<string, { content?: Media }>
}
type Paper = { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Schema> } }
type Fact = string | Fact[] | { [name: string]: Fact } | null
type Published = {
  method: string
  path: string
  open?: boolean
  query?: Fact
  body?: Fact
  answers: Record<string, Fact>
}

const shapes: Record<string, Fact> = contract.shapes
const published: Record<string, Published> = contract.operations

/** The type of a value in the contract. */
function typeOfFact(fact: Fact): Type {
  if (Array.isArray(fact)) return { kinds: new Set(["array"]), items: typeOfFact(fact[0]!) }
  if (typeof fact === "object" && fact !== null)
    return {
      kinds: new Set(["object"]),
      fields: new Map(
        Object.entries(fact).map(([name, type]) => [
          name.replace("!", ""),
          { type: typeOfFact(type), required: name.endsWith("!") },
        ]),
      ),
    }
  return String(fact).split("|").map(typeOfWord).reduce(either)
}

function typeOfWord(word: string): Type {
  if (word.endsWith("[]")) return { kinds: new Set(["array"]), items: typeOfWord(word.slice(0, -2)) }
  if (word.startsWith("'")) return { kinds: new Set(["string"]), values: new Set([word.slice(1, -1)]) }
  return shapes[word] ? { ...typeOfFact(shapes[word]), shape: word } : { kinds: new Set([word]) }
}

/** The type of a value in our OpenAPI document. */
function typeOfSchema(schema: Schema, paper: Paper): Type {
  if (schema.$ref) return typeOfSchema(paper.components.schemas[schema.$ref.split("/").at(-1)!]!, paper)
  if (schema.anyOf) return schema.anyOf.map((one) => typeOfSchema(one, paper)).reduce(either)
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const])
  return {
    kinds: new Set([schema.type ?? (values ? "string" : "any")].flat()),
    values: values && new Set(values.map(String)),
    patterned: schema.pattern !== undefined,
    items: schema.items && typeOfSchema(schema.items, paper),
    fields:
      schema.properties &&
      new Map(
        Object.entries(schema.properties).map(([name, property]) => [
          name,
          { type: typeOfSchema(property, paper), required: schema.required?.includes(name) ?? false },
        ]),
      ),
  }
}

/** The union of two types. If one of them is any string, the values of the other do not matter. */
function either(a: Type, b: Type): Type {
  const isText = (type: Type) => type.kinds.has("string")
  const free = [a, b].some((type) => isText(type) && !type.values)
  return {
    kinds: new Set([...a.kinds, ...b.kinds]),
    values: free || (!a.values && !b.values) ? undefined : new Set([...(a.values ?? []), ...(b.values ?? [])]),
    patterned: [a, b].filter(isText).every((type) => type.patterned),
    fields: a.fields ?? b.fields,
    items: a.items ?? b.items,
  }
}

/** Yields what `narrow` allows and `wide` does not. */
function* misfits(place: string, narrow: Type, wide: Type): Generator<string> {
  const takes = (kind: string) =>
    wide.kinds.has("any") || wide.kinds.has(kind) || (kind === "integer" && wide.kinds.has("number"))
  for (const kind of narrow.kinds) if (!takes(kind)) yield `${place} may be ${kind}`
  if (wide.patterned && narrow.kinds.has("string") && !narrow.patterned && !narrow.values)
    yield `${place} may be a text of another form`
  if (wide.values && narrow.kinds.has("string")) {
    if (!narrow.values) yield `${place} may be any text`
    for (const value of narrow.values ?? []) if (!wide.values.has(value)) yield `${place} may be "${value}"`
  }
}

/** Names differences after the shape they are in, so that each is reported once for all operations that return it. */
function* answerDiffers(where: string, theirs: Type, ours: Type): Generator<string> {
  const place = theirs.shape ?? where
  yield* misfits(place, ours, theirs)
  if (theirs.items && ours.items) yield* answerDiffers(`${place}[]`, theirs.items, ours.items)
  if (!theirs.fields) return
  for (const [name, { type, required }] of theirs.fields) {
    const own = ours.fields?.get(name)
    if (!own) yield `${place}.${name} is absent`
    else {
      if (required && !own.required) yield `${place}.${name} may be absent`
      yield* answerDiffers(`${place}.${name}`, type, own.type)
    }
  }
  for (const name of ours.fields?.keys() ?? []) if (!theirs.fields.has(name)) yield `${place}.${name} is ours`
}

function* requestDiffers(place: string, theirs: Type, ours: Type): Generator<string> {
  for (const [name, { type, required }] of theirs.fields ?? []) {
    const own = ours.fields?.get(name)
    if (!own) yield `${place}.${name} is not taken`
    else {
      if (own.required !== required) yield `${place}.${name} is ${own.required ? "required" : "optional"}`
      yield* misfits(`${place}.${name}`, type, own.type)
    }
  }
  for (const [name, { required }] of ours.fields ?? [])
    if (!theirs.fields?.has(name)) yield `${place}.${name} is ours${required ? " and required" : ""}`
}

function* operationDiffers(name: string, theirs: Published, paper: Paper): Generator<string> {
  const unnamed = (path: string) => path.replaceAll(/\{\w+\}/g, "{}")
  const path = Object.keys(paper.paths).find((path) => unnamed(path) === unnamed(`/v1${theirs.path}`))
  const ours = path && paper.paths[path]![theirs.method.toLowerCase()]
  if (!ours) return yield `${name} is absent`
  if (ours.operationId !== name) yield `${name} is called ${ours.operationId}`
  if ((ours.security?.length === 0) !== (theirs.open ?? false))
    yield `${name} ${theirs.open ? "wants a token" : "is open"}`

  const query = (ours.parameters ?? []).filter((parameter) => parameter.in === "query" && parameter.name !== "cursor")
  const fields = new Map(
    query.map(({ name, schema, required = false }) => [name, { type: typeOfSchema(schema, paper), required }]),
  )
  yield* requestDiffers(`${name} query`, typeOfFact(theirs.query ?? {}), { kinds: new Set(["object"]), fields })

  const bodies = ours.requestBody?.content ?? {}
  if (typeof theirs.body === "string" && !bodies[theirs.body]) yield `${name} body is not ${theirs.body}`
  if (theirs.body && typeof theirs.body === "object") {
    const schema = bodies["application/json"]?.schema
    if (schema) yield* requestDiffers(`${name} body`, typeOfFact(theirs.body), typeOfSchema(schema, paper))
    else yield `${name} body is not described`
  }

  for (const [status, answer] of Object.entries(theirs.answers)) {
    const content = ours.responses[status]?.content
    const place = `${name} ${status}`
    if (!ours.responses[status]) yield `${place} is absent`
    else if (isRefusal(status)) continue
    else if (answer === null && content) yield `${place} has a body`
    else if (typeof answer === "string" && answer.includes("/") && !content?.[answer]) yield `${place} is not ${answer}`
    else if (answer !== null && !(typeof answer === "string" && answer.includes("/"))) {
      const schema = content?.["application/json"]?.schema
      if (schema) yield* answerDiffers(place, typeOfFact(answer), typeOfSchema(schema, paper))
      else yield `${place} is not described`
    }
  }
  for (const status of Object.keys(ours.responses))
    if (!isRefusal(status) && !(status in theirs.answers)) yield `${name} ${status} is ours`
}

const differencesOf = (paper: Paper) =>
  [...new Set(Object.entries(published).flatMap(([name, theirs]) => [...operationDiffers(name, theirs, paper)]))].sort()

test("every operation about models is as published, but for what is listed here with its reason", async () => {
  expect(differencesOf(await ourPaper())).toEqual(Object.keys(differences).sort())
  for (const reason of Object.values(differences)) expect(reason).toMatch(/\.$/)
})

test("the link without a scheme that published samples send is refused, in words", async () => {
  const { actor } = await anAccount()
  await expect(aModel(actor, { license_url: "license_url" })).rejects.toThrow("Enter a URL that starts with https://")
})

test.each<[string, (paper: Paper) => void]>([
  ["models.get is absent", ({ paths }) => delete paths["/v1/models/{owner}/{name}"]!.get],
  ["models.list is called list", ({ paths }) => (paths["/v1/models"]!.get!.operationId = "list")],
  ["models.create 201 is absent", ({ paths }) => delete paths["/v1/models"]!.post!.responses["201"]],
  ["models.create 200 is ours", ({ paths }) => (paths["/v1/models"]!.post!.responses["200"] = {})],
  [
    "models.delete 204 has a body",
    ({ paths }) => (paths["/v1/models/{owner}/{name}"]!.delete!.responses["204"]!.content = {}),
  ],
  [
    "Model.run_count may be number",
    ({ components }) => (components.schemas.Model!.properties!.run_count = { type: "number" }),
  ],
  [
    "Model.owner may be null",
    ({ components }) =>
      (components.schemas.Model!.properties!.owner = { anyOf: [{ type: "string" }, { type: "null" }] }),
  ],
  ["Model.name is absent", ({ components }) => delete components.schemas.Model!.properties!.name],
  [
    'Model.visibility may be "secret"',
    ({ components }) => components.schemas.Model!.properties!.visibility!.enum!.push("secret"),
  ],
  [
    "Prediction.status may be any text",
    ({ components }) => (components.schemas.Prediction!.properties!.status = { type: "string" }),
  ],
  [
    "account.get 200.username may be absent",
    ({ components }) => (components.schemas.Account!.required = ["type", "name"]),
  ],
  ["search wants a token", ({ paths }) => delete paths["/v1/search"]!.get!.security],
  [
    "models.update body.readme is not taken",
    ({ paths }) => delete bodyOf(paths["/v1/models/{owner}/{name}"]!.patch!).properties!.readme,
  ],
  [
    "models.create body.hardware is optional",
    ({ paths }) => (bodyOf(paths["/v1/models"]!.post!).required = ["owner", "name", "visibility"]),
  ],
  [
    "models.create body.description may be a text of another form",
    ({ paths }) => (bodyOf(paths["/v1/models"]!.post!).properties!.description = { type: "string", pattern: "^A" }),
  ],
  [
    "models.create body.description may be string",
    ({ paths }) => (bodyOf(paths["/v1/models"]!.post!).properties!.description = { type: "null" }),
  ],
])("it would be noticed if %s", async (difference, change) => {
  const paper = structuredClone(await ourPaper())
  change(paper)
  expect(differencesOf(paper)).toContain(difference)
})

const ourPaper = async () => (await (await buildApi()).inject("/v1/openapi.json")).json() as Paper
const bodyOf = (operation: Operation) => operation.requestBody!.content["application/json"]!.schema!
