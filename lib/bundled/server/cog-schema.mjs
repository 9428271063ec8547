// The OpenAPI document of a model in Cog 0.16's format.

/**
 * `input` and `train.input` map names to properties as in Cog's schemas, except that `enum` is written inline instead
 * of as a separate schema, and `optional` means a default of None. Properties are required unless they are optional,
 * nullable or have a default.
 * @param {{ input: Record<string, any>, output: object, train?: { input: Record<string, any>, output: object } }} model
 */
export function cogSchema({ input, output, train }) {
  const choices = {}
  const inputs = { Input: inputSchema("Input", input, choices), Output: { title: "Output", ...output } }
  if (train) {
    inputs.TrainingInput = inputSchema("TrainingInput", train.input, choices)
    inputs.TrainingOutput = { title: "TrainingOutput", ...train.output }
  }
  return {
    openapi: "3.0.2",
    info: { title: "Cog", version: "0.1.0" },
    paths: {
      "/shutdown": { post: plain("Start Shutdown", "start_shutdown_shutdown_post", "Start Shutdown Shutdown Post") },
      "/": { get: plain("Root", "root__get", "Root  Get") },
      "/health-check": { get: plain("Healthcheck", "healthcheck_health_check_get", "Healthcheck Health Check Get") },
      ...operations("Predict", "Prediction", {
        post: "Run a single prediction on the model",
        put: "Run a single prediction on the model (idempotent creation).",
        cancel: ["Cancel", "cancel"],
        cancelled: "Cancel a running prediction",
      }),
      ...(train && operations("Train", "Training", { cancel: ["Cancel Training", "cancel_training"] })),
    },
    components: {
      schemas: {
        HTTPValidationError: object("HTTPValidationError", {
          detail: { title: "Detail", type: "array", items: ref("ValidationError") },
        }),
        ...inputs,
        ...messages("Prediction", "Input", "Output"),
        ...(train && messages("Training", "TrainingInput", "TrainingOutput")),
        Status: choice("Status", ["starting", "processing", "succeeded", "canceled", "failed"]),
        ValidationError: {
          ...object("ValidationError", {
            loc: { title: "Location", type: "array", items: { anyOf: [{ type: "string" }, { type: "integer" }] } },
            msg: { title: "Message", type: "string" },
            type: { title: "Error Type", type: "string" },
          }),
          required: ["loc", "msg", "type"],
        },
        WebhookEvent: choice("WebhookEvent", ["start", "output", "logs", "completed"]),
        ...choices,
      },
    },
  }
}

function inputSchema(title, input, choices) {
  const properties = Object.entries(input).map(([name, { enum: values, ...property }], order) => {
    delete property.optional
    if (values) choices[name] = choice(name, values)
    const own = values
      ? { allOf: [ref(name)] }
      : { title: titleOf(name), ...(property.anyOf && { anyOf: property.anyOf }) }
    return [name, { ...own, ...property, "x-order": order }]
  })
  const required = Object.keys(input).filter(
    (name) => input[name].default === undefined && !input[name].optional && !input[name].nullable,
  )
  return { ...object(title, Object.fromEntries(properties)), ...(required.length > 0 && { required }) }
}

const titleOf = (name) =>
  name
    .split("_")
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join(" ")
const ref = (name) => ({ $ref: `#/components/schemas/${name}` })
const object = (title, properties) => ({ title, type: "object", properties })
const choice = (title, values) => ({
  title,
  enum: values,
  type: typeof values[0] === "number" ? "integer" : "string",
  description: "An enumeration.",
})

const answer = (description, schema) => ({ description, content: { "application/json": { schema } } })
const plain = (summary, operationId, response) => ({
  summary,
  operationId,
  responses: { 200: answer("Successful Response", { title: `Response ${response}` }) },
})

function operations(verb, noun, { post, put, cancel: [cancelSummary, cancelName], cancelled }) {
  const path = `${noun.toLowerCase()}s`
  const id = `${noun.toLowerCase()}_id`
  const invalid = { 422: answer("Validation Error", ref("HTTPValidationError")) }
  const prefer = { required: false, schema: { title: "Prefer", type: "string" }, name: "prefer", in: "header" }
  const named = { required: true, schema: { title: `${noun} ID`, type: "string" }, name: id, in: "path" }
  const responses = { 200: answer("Successful Response", ref(`${noun}Response`)), ...invalid }
  const said = (description) => (description ? { description } : {})
  const request = ref(`${noun}Request`)
  return {
    [`/${path}`]: {
      post: {
        summary: verb,
        ...said(post),
        operationId: `${verb.toLowerCase()}_${path}_post`,
        parameters: [prefer],
        requestBody: { content: { "application/json": { schema: request } } },
        responses,
      },
    },
    [`/${path}/{${id}}`]: {
      put: {
        summary: `${verb} Idempotent`,
        ...said(put),
        operationId: `${verb.toLowerCase()}_idempotent_${path}__${id}__put`,
        parameters: [named, prefer],
        requestBody: {
          content: { "application/json": { schema: { title: `${noun} Request`, allOf: [request] } } },
          required: true,
        },
        responses,
      },
    },
    [`/${path}/{${id}}/cancel`]: {
      post: {
        ...plain(
          cancelSummary,
          `${cancelName}_${path}__${id}__cancel_post`,
          `${cancelSummary} ${noun}s  ${noun} Id  Cancel Post`,
        ),
        ...said(cancelled),
        parameters: [named],
        responses: {
          200: answer("Successful Response", { title: `Response ${cancelSummary} ${noun}s  ${noun} Id  Cancel Post` }),
          ...invalid,
        },
      },
    },
  }
}

function messages(noun, input, output) {
  const text = (title) => ({ title, type: "string" })
  const moment = (title) => ({ title, type: "string", format: "date-time" })
  return {
    [`${noun}Request`]: object(`${noun}Request`, {
      input: ref(input),
      id: text("Id"),
      created_at: moment("Created At"),
      context: { title: "Context", type: "object", additionalProperties: { type: "string" } },
      output_file_prefix: text("Output File Prefix"),
      webhook: { title: "Webhook", maxLength: 65536, minLength: 1, type: "string", format: "uri" },
      webhook_events_filter: {
        type: "array",
        items: ref("WebhookEvent"),
        default: ["start", "output", "logs", "completed"],
      },
    }),
    [`${noun}Response`]: object(`${noun}Response`, {
      input: ref(input),
      output: ref(output),
      id: text("Id"),
      version: text("Version"),
      created_at: moment("Created At"),
      started_at: moment("Started At"),
      completed_at: moment("Completed At"),
      logs: { title: "Logs", type: "string", default: "" },
      error: text("Error"),
      status: ref("Status"),
      metrics: { title: "Metrics", type: "object" },
    }),
  }
}
