import type { FastifyReply, FastifyRequest } from "fastify"
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { predictionOfStream } from "@/lib/predictions/stream-address"
import { missing } from "@/lib/problem"
import { networkOf } from "@/lib/rate-limits/network"
import { positionIn } from "@/lib/streams/wire"
import { streamPrediction } from "./event-stream"
import { Empty, refusals } from "./schemas"

const Params = z.object({ secret: z.string() })
type Secret = z.infer<typeof Params>
const description =
  'Server-sent events, each with an id: `output` with a part of the output, `error` with `{"detail"}`, and `done` with `{}` or `{"reason"}`. `Last-Event-ID` goes on behind an event. The address is in `urls.stream` and needs no token.'

/** Event streams of predictions. Their URLs grant access, because browsers and clients open them without a token. */
export const streams: FastifyPluginAsyncZod = async (v1) => {
  for (const [path, operationId, what] of [
    ["/streams/:secret", "streams.text", "the output of a prediction as it grows"],
    ["/files/:secret/stream", "streams.files", "the output files of a prediction as they are made"],
  ] as const)
    v1.get(
      path,
      {
        config: { open: true, isEntitled: (params) => predictionOfStream((params as Secret).secret) !== undefined },
        exposeHeadRoute: false,
        schema: {
          operationId,
          summary: `Watch ${what}`,
          description,
          security: [],
          tags: ["Predictions"],
          params: Params,
          response: {
            200: { content: { "text/event-stream": { schema: z.string() } } },
            204: Empty,
            ...refusals(404),
          },
        },
      },
      (request, reply) => watch(request as FastifyRequest<{ Params: Secret }>, reply),
    )
}

async function watch({ params, headers, id, origin, raw }: FastifyRequest<{ Params: Secret }>, reply: FastifyReply) {
  const prediction = predictionOfStream(params.secret)
  if (!prediction) throw missing()
  const { raw: response } = reply
  // Set first, because streamPrediction() sends the headers.
  response.setHeader("x-request-id", id)
  await streamPrediction(response, {
    id: prediction,
    position: positionIn(headers["last-event-id"] as string | undefined),
    origin,
    network: networkOf(raw.headers["x-understudy-address"]),
  })
  reply.hijack()
}
