import type { IncomingMessage } from "node:http"
import { Readable } from "node:stream"
import { text } from "node:stream/consumers"
import fastifyMultipart, { type Multipart, type MultipartFile } from "@fastify/multipart"
import type { FastifyRequest } from "fastify"
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { sendFile } from "@/app/files/handler"
import { deleteFile, getFile, getSignedFile, listFiles, uploadFile } from "@/lib/files/file"
import { uploadLimit, uploadTooLarge } from "@/lib/files/store-file"
import { FileBody, presentFile } from "@/lib/files/present"
import { defaultType, DownloadSignature, UploadForm, type UploadFileInput } from "@/lib/files/schema"
import { invalid, problem } from "@/lib/problem"
import { presentPage } from "./paging"
import { Empty, ListQuery, pageOfBody, refusals } from "./schemas"

/** Bytes that a form may add to the file. */
const envelope = 128 * 1024
const fieldLimit = 64 * 1024
/** Concurrent uploads per account. */
const maxAtOnce = 32
const FileRef = z.object({ file_id: z.string() })

export const files: FastifyPluginAsyncZod = async (v1) => {
  await v1.register(fastifyMultipart, {
    limits: { fileSize: Infinity, fieldSize: fieldLimit, fields: 200, files: 10, parts: 200, headerPairs: 50 },
  })
  const underWay = new Map<number, number>()

  v1.post(
    "/files",
    {
      schema: {
        operationId: "files.create",
        summary: "Upload a file to use in the input of a prediction",
        description:
          "A multipart/form-data form: `content` is the file with its name and type; `filename` and `type` override those; `metadata` is a JSON object, or one field `metadata[key]` per key.",
        tags: ["Files"],
        consumes: ["multipart/form-data"],
        body: UploadForm,
        response: { 201: FileBody, ...refusals(400, 401, 403, 413) },
      },
      // Rejects before the body is read.
      onRequest: (request, _reply, done) => done(refusalOf(request.raw) as Error | undefined),
    },
    async (request, reply) => {
      const { actor, origin } = request
      const count = underWay.get(actor.owner_id) ?? 0
      if (count >= maxAtOnce) throw problem("throttled", `At most ${maxAtOnce} files may be uploaded at once.`, {}, 5)
      underWay.set(actor.owner_id, count + 1)
      try {
        const file = await receive(request).catch((error: Error) => {
          throw isBroken(error, request.raw) ? problem("unreadable", "The form breaks off or cannot be read.") : error
        })
        return reply.code(201).send(presentFile(file, actor.username, origin))
      } finally {
        const left = underWay.get(actor.owner_id)! - 1
        if (left > 0) underWay.set(actor.owner_id, left)
        else underWay.delete(actor.owner_id)
      }
    },
  )

  v1.get(
    "/files",
    {
      schema: {
        operationId: "files.list",
        summary: "List the uploaded files of the account, newest first",
        tags: ["Files"],
        querystring: ListQuery,
        response: { 200: pageOfBody(FileBody), ...refusals(400, 401) },
      },
    },
    async (request) =>
      presentPage(request, await listFiles(request.actor, request.query.cursor), (file) =>
        presentFile(file, request.actor.username, request.origin),
      ),
  )

  v1.get(
    "/files/:file_id",
    {
      schema: {
        operationId: "files.get",
        summary: "Get the metadata of an uploaded file",
        tags: ["Files"],
        params: FileRef,
        response: { 200: FileBody, ...refusals(401, 404) },
      },
    },
    async ({ actor, params, origin }) => presentFile(await getFile(actor, params.file_id), actor.username, origin),
  )

  v1.delete(
    "/files/:file_id",
    {
      schema: {
        operationId: "files.delete",
        summary: "Delete an uploaded file",
        tags: ["Files"],
        params: FileRef,
        response: { 204: Empty, ...refusals(401, 403, 404) },
      },
    },
    async ({ actor, params }, reply) => {
      await deleteFile(actor, params.file_id)
      return reply.code(204).send()
    },
  )

  v1.get(
    "/files/:file_id/download",
    {
      config: { open: true },
      schema: {
        operationId: "files.download",
        summary: "Download a file with the URL in `urls.download`, without a token",
        security: [],
        tags: ["Files"],
        params: FileRef,
        querystring: DownloadSignature,
        response: {
          200: { content: { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } } },
          206: { content: { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } } },
          416: Empty,
          ...refusals(400, 404),
        },
      },
    },
    async (request, reply) => {
      const file = await getSignedFile(request.params.file_id, request.query)
      reply.hijack()
      reply.raw.setHeader("x-content-type-options", "nosniff")
      reply.raw.setHeader("x-request-id", request.id)
      await sendFile(file, request.raw, reply.raw)
    },
  )
}

/** The problem with an upload that shows in its headers; undefined if there is none. */
function refusalOf({ headers }: IncomingMessage) {
  if (Number(headers["content-length"]) > uploadLimit() + envelope) return uploadTooLarge()
  if (!/^multipart\/form-data\s*;/i.test(headers["content-type"] ?? ""))
    return problem("unreadable", "Send the file as multipart/form-data, in a part named content.")
  return undefined
}

/** Whether parsing failed because the form is malformed or the client disconnected. */
const isBroken = ({ message }: Error, request: IncomingMessage) =>
  (request.destroyed && !request.complete) || /multipart data|terminated early|premature close/i.test(message)

/** Stores an uploaded file. Official clients send its form with parts in any order and metadata in four formats. */
async function receive(request: FastifyRequest) {
  const parts = request.parts()[Symbol.asyncIterator]()
  const fields = new Map<string, unknown>()
  for (;;) {
    const next = await parts.next()
    if (next.done) throw invalid({ content: "Send the file in a part named content." })
    if (next.value.fieldname !== "content") {
      await keepField(fields, next.value)
      continue
    }
    const content = next.value
    return uploadFile(request.actor, contentOf(content), async () => {
      for (let rest = await parts.next(); !rest.done; rest = await parts.next())
        if (rest.value.fieldname !== "content") await keepField(fields, rest.value)
        else if (rest.value.type === "file") rest.value.file.resume()
      return describedBy(content, fields)
    })
  }
}

const contentOf = (part: Multipart): Readable =>
  part.type === "file" ? part.file : Readable.from([Buffer.from(String(part.value))], { objectMode: false })

async function keepField(fields: Map<string, unknown>, part: Multipart): Promise<void> {
  if (part.type === "field") {
    if (part.valueTruncated) throw invalid({ [part.fieldname]: `A field has at most ${fieldLimit / 1024} kB.` })
    fields.set(part.fieldname, part.value)
  } else if (part.fieldname === "metadata") fields.set("metadata", await smallText(part))
  else part.file.resume()
}

/** The text of a small field that was sent as a file, as FormData in JavaScript sends every Blob. */
async function smallText({ file }: MultipartFile): Promise<string> {
  let size = 0
  const counted = async function* () {
    for await (const chunk of file) {
      size += (chunk as Buffer).length
      if (size > fieldLimit) throw invalid({ metadata: `A field has at most ${fieldLimit / 1024} kB.` })
      yield chunk
    }
  }
  return text(Readable.from(counted()))
}

function describedBy(content: Multipart, fields: Map<string, unknown>): UploadFileInput {
  const sent = content.type === "file" ? content : undefined
  const type = textIn(fields, "type") ?? (sent?.mimetype || defaultType)
  const filename = textIn(fields, "filename") ?? sent?.filename ?? "file"
  return { filename, type, metadata: metadataIn(fields) }
}

const textIn = (fields: Map<string, unknown>, name: string) => {
  const value = fields.get(name)
  return typeof value === "string" && value !== "" ? value : undefined
}

function metadataIn(fields: Map<string, unknown>): Record<string, unknown> {
  const whole = fields.get("metadata")
  const parsed = typeof whole === "string" && whole.trim() !== "" ? parse(whole) : (whole ?? {})
  const single = [...fields].flatMap(([name, value]) => {
    const [, key] = /^metadata\[([^\]]+)\]$/.exec(name) ?? []
    return key === undefined ? [] : [[key, value]]
  })
  return single.length > 0 ? Object.fromEntries(single) : (parsed as Record<string, unknown>)
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw invalid({ metadata: "Give the metadata as a JSON object." })
  }
}
