import type { PredictionBody } from "@/lib/models/prediction-body"
import type { RunProgress } from "@/lib/predictions/progress"
import { isOver } from "./use-live-prediction"

type RunTimes = Pick<RunProgress, "claimed_at" | "booting_since" | "ready_at">

type Stage = { name: "queued" | "booting" | "running" | "uploading"; from: string; to: string | null }

/** The stages of a prediction so far. The last one has no end while it is in progress. */
export function stagesOf(prediction: PredictionBody, times: RunTimes | null): Stage[] {
  const { created_at, started_at, completed_at, metrics, status } = prediction
  const over = isOver(status)
  const begin = started_at ?? (over ? (completed_at ?? created_at) : null)
  // The part of the wait in which an instance booted.
  const boots = times?.booting_since && (times.ready_at === null || times.ready_at > created_at)
  const booting = boots ? laterOf(times.booting_since!, created_at) : null
  const stages: Stage[] = [{ name: "queued", from: created_at, to: booting ?? begin }]
  if (booting) stages.push({ name: "booting", from: booting, to: begin })
  if (!started_at) return stages
  const ran = metrics?.predict_time
  const ended = ran === undefined ? null : new Date(Date.parse(started_at) + ran * 1000).toISOString()
  // After the model has ended, its files are uploaded.
  const uploading = over && ended && completed_at && Date.parse(completed_at) - Date.parse(ended) > 200
  stages.push({ name: "running", from: started_at, to: uploading ? ended : (completed_at ?? null) })
  if (uploading) stages.push({ name: "uploading", from: ended, to: completed_at })
  return stages
}

const laterOf = (a: string, b: string) => (a > b ? a : b)

const looks = { queued: "bg-field", booting: "bg-warn", running: "bg-accent", uploading: "bg-info" }

/** A bar with the duration of each stage. `now` is the end of a stage in progress. */
export function Timeline({
  prediction,
  times,
  now,
}: {
  prediction: PredictionBody
  times: RunTimes | null
  now: number
}) {
  const stages = stagesOf(prediction, times).map((stage) => ({
    ...stage,
    seconds: Math.max(0, ((stage.to === null ? now : Date.parse(stage.to)) - Date.parse(stage.from)) / 1000),
  }))
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0)
  return (
    <div>
      <div aria-hidden="true" className="flex h-1.5 gap-px overflow-hidden rounded-sm bg-sunken">
        {stages.map(({ name, seconds }) => (
          <span
            key={name}
            suppressHydrationWarning
            style={{ flexGrow: total === 0 ? 1 : Math.max(1, (seconds / total) * 100) }}
            className={`${looks[name]} basis-0`}
          />
        ))}
      </div>
      <ol className="mt-1.5 flex flex-wrap gap-x-4 text-sm text-muted">
        {stages.map(({ name, seconds, to }) => (
          <li key={name} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={`size-2 rounded-sm ${looks[name]}`} />
            <span>{name}</span>
            {/* The time differs between server and browser. */}
            <span suppressHydrationWarning>{`${seconds.toFixed(1)} s${to === null ? "…" : ""}`}</span>
          </li>
        ))}
      </ol>
    </div>
  )
}
