/** A series of logged numbers under a name, such as "loss" or "val_loss". */
export type Series = { name: string; points: { step: number; value: number }[] }

/** More points than pixels show nothing. */
const maxPoints = 400
const maxSeries = 4
/** Logs may have a megabyte; only the end is charted. */
const longestLog = 1_000_000
const longestLine = 2000

// Logs are anything a model prints: no expression may take longer than its line is long.
const number = "[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[-+]?\\d+)?"
/** "loss=0.5", "train_loss: 0.5", "'loss': 0.5", "Loss 0.5", "avr_loss=0.5". */
const loss = new RegExp(`["']?\\b((?:[a-z]+[ _-])?loss)\\b["']?\\s*(?:(?:[=:]|is)\\s*)?(${number})`, "gi")
/**
 * "epoch 3/50", "step: 120", "'epoch': 1.5", "global_step=7", "Iteration 5", and progress bars such as "12/100 [00:01".
 */
const step = new RegExp(
  `["']?\\b(?:global[ _])?(step|iteration|iter|epoch|it)\\b["']?\\s*(?:[=:#\\[(]\\s*)?(${number})`,
  "i",
)
const bar = /(?<!\d)(\d+)\/\d+ \[/

/** Extracts the losses from a log, in any common form; empty if there are none. */
export function lossesIn(log: string): Series[] {
  const series = new Map<string, Series["points"]>()
  for (const whole of log.slice(-longestLog).split(/[\r\n]+/)) {
    const line = whole.slice(0, longestLine)
    if (!/loss/i.test(line)) continue
    const at = step.exec(line)?.[2] ?? bar.exec(line)?.[1]
    for (const [, named, value] of line.matchAll(loss)) {
      const name = named!.toLowerCase().replace(/[ -]/g, "_")
      if (!series.has(name) && series.size === maxSeries) continue
      const points = series.get(name) ?? []
      series.set(name, points)
      const count = points.length
      const place = at === undefined ? count + 1 : Number(at)
      if (!Number.isFinite(Number(value)) || !Number.isFinite(place)) continue
      // A progress bar repeats a step: the last value counts.
      if (count > 0 && points[count - 1]!.step === place) points[count - 1]!.value = Number(value)
      else points.push({ step: place, value: Number(value) })
    }
  }
  return [...series]
    .filter(([, points]) => points.length > 1)
    .map(([name, points]) => ({ name, points: thinned(points) }))
}

function thinned(points: Series["points"]): Series["points"] {
  if (points.length <= maxPoints) return points
  const every = points.length / maxPoints
  const kept = Array.from({ length: maxPoints }, (_, n) => points[Math.floor(n * every)]!)
  return [...kept.slice(0, -1), points.at(-1)!]
}
