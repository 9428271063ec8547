import { Disclosure } from "@/components/ui/disclosure"
import { Table } from "@/components/ui/table"
import type { Series } from "@/lib/trainings/losses"

const [width, height] = [340, 220]
const [left, right, top, bottom] = [52, 8, 10, 26]
/** Dash patterns, so that curves differ not only in colour. */
const dashes = ["", "6 4", "2 4", "10 3 2 3"]

/** The loss of a training by step, as a chart and as a table. */
export function LossCurve({ series }: { series: Series[] }) {
  const points = series.flatMap((one) => one.points)
  const steps = points.map(({ step }) => step)
  const values = points.map(({ value }) => value)
  const [x0, x1, y0, y1] = [Math.min(...steps), Math.max(...steps), Math.min(...values), Math.max(...values)]
  const x = (step: number) => left + ((step - x0) / (x1 - x0 || 1)) * (width - left - right)
  const y = (value: number) => top + (1 - (value - y0) / (y1 - y0 || 1)) * (height - top - bottom)
  const last = series.map(({ name, points }) => `${name} ${short(points.at(-1)!.value)}`).join(", ")

  return (
    <figure className="grid gap-2">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${series.map(({ name }) => name).join(", ")} from step ${short(x0)} to ${short(x1)}, between ${short(y0)} and ${short(y1)}. Last: ${last}.`}
        className="w-full rounded-md border border-line bg-surface text-accent"
      >
        {[y0, (y0 + y1) / 2, y1].map((value) => (
          <g key={value}>
            <line x1={left} x2={width - right} y1={y(value)} y2={y(value)} className="stroke-line" />
            <text x={left - 6} y={y(value) + 4} textAnchor="end" fontSize="11" className="fill-muted">
              {short(value)}
            </text>
          </g>
        ))}
        <text x={left} y={height - 8} fontSize="11" className="fill-muted">
          {short(x0)}
        </text>
        <text x={width - right} y={height - 8} textAnchor="end" fontSize="11" className="fill-muted">
          {short(x1)}
        </text>
        {series.map(({ name, points }, at) => (
          <polyline
            key={name}
            points={points.map(({ step, value }) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(" ")}
            fill="none"
            stroke="currentColor"
            strokeWidth="2"
            strokeDasharray={dashes[at % dashes.length]}
            strokeLinejoin="round"
          />
        ))}
      </svg>
      <figcaption className="text-sm text-muted">{`Last: ${last}`}</figcaption>
      <Disclosure summary="As a table">
        <Table label="Loss by step">
          <thead>
            <tr>
              <th scope="col">Series</th>
              <th scope="col" className="num">
                Step
              </th>
              <th scope="col" className="num">
                Value
              </th>
            </tr>
          </thead>
          <tbody>
            {series.flatMap(({ name, points }) =>
              points.slice(-50).map(({ step, value }, at) => (
                <tr key={`${name} ${at}`}>
                  <td className="font-mono text-sm">{name}</td>
                  <td className="num">{short(step)}</td>
                  <td className="num">{short(value)}</td>
                </tr>
              )),
            )}
          </tbody>
        </Table>
      </Disclosure>
    </figure>
  )
}

const short = (value: number) => String(Number(value.toPrecision(4)))
