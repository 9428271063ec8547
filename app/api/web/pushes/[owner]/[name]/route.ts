import { currentActorLoader, currentActor } from "@/lib/next/session"
import { respondWithJson } from "@/lib/next/respond"
import { getEditableModel, type Model } from "@/lib/models/model"
import { networkOf } from "@/lib/rate-limits/network"
import { reserveStream } from "@/lib/rate-limits/streams"
import { getPushState, watchPush } from "@/lib/pushes/push"
import type { PushState } from "@/lib/pushes/state"

type Context = { params: Promise<{ owner: string; name: string }> }

/** Milliseconds between updates; more frequent ones would flicker. */
const pause = 250
/** Updates that may be queued for a slow client. */
const untaken = 20
/** Milliseconds between keep-alive comments, which stop proxies from closing the connection. */
const breath = 15_000

/**
 * The progress of a push as server-sent events, each with the whole state. It ends when the viewer is signed out or
 * may no longer edit the model.
 */
export async function GET(request: Request, { params }: Context): Promise<Response> {
  const { owner, name } = await params
  const actor = await currentActor()
  if (!actor) return respondWithJson(async () => null)
  const network = networkOf(request.headers.get("x-understudy-address"))
  const opened = await getEditableModel(actor, owner, name).then(
    (model) => tryOpening({ network, account: actor.owner_id }, model),
    (error: unknown) => ({ error }),
  )
  if ("error" in opened) return respondWithJson(() => Promise.reject(opened.error))

  const { model, release } = opened
  const { id } = model
  const actorNow = await currentActorLoader()
  const stillMay = async () => {
    const now = await actorNow()
    return (
      now !== null &&
      getEditableModel(now, owner, name).then(
        () => true,
        () => false,
      )
    )
  }
  const text = new TextEncoder()
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      let timer: ReturnType<typeof setTimeout> | undefined
      let last = 0
      let ended = false
      const write = async (line: () => string) => {
        if (!ended && !(await stillMay())) end()
        // A stalled client is disconnected. When it reconnects, it gets the current state.
        if (!ended && (controller.desiredSize ?? 0) < -untaken) end()
        if (!ended) controller.enqueue(text.encode(line()))
      }
      const send = (state: () => PushState) => {
        last = Date.now()
        void write(() => `data: ${JSON.stringify(state())}\n\n`)
      }
      const stop = watchPush(id, () => {
        timer ??= setTimeout(
          () => {
            timer = undefined
            send(() => getPushState(id))
          },
          Math.max(0, last + pause - Date.now()),
        )
      })
      const breathing = setInterval(() => void write(() => ": still here\n\n"), breath)
      const end = () => {
        ended = true
        release()
        stop()
        clearTimeout(timer)
        clearInterval(breathing)
        try {
          controller.close()
        } catch {
          // The client has already disconnected.
        }
      }
      request.signal.addEventListener("abort", end, { once: true })
      send(() => getPushState(id))
    },
  })
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    },
  })
}

function tryOpening(of: { network: string; account: number }, model: Model) {
  try {
    return { model, release: reserveStream(of) }
  } catch (error) {
    return { error }
  }
}
