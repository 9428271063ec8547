"use client"

import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react"

import { CopyButton } from "@/components/ui/copy-button"
import { Button } from "@/components/ui/button"
import { Field, Select, TextInput } from "@/components/ui/field"
import { Notice } from "@/components/ui/notice"
import { useEarly } from "@/components/use-early"
import { type CostEstimate, estimateCosts, cents } from "@/lib/hardware/cost"
import { hardwareGroups } from "@/lib/hardware/groups"
import { usd, usdPerSecond } from "@/lib/hardware/price"
import { complaintAbout, pricingAddress, usageFields, usageOf, type UsageTexts } from "./usage"

type Row = { sku: string; name: string; usd_per_second: string; gpus: number; reason: string | null }

type Props = { hardware: Row[]; sku: string; texts: UsageTexts; unknown: string | null; origin: string }

/** The cost calculator: without scripts a GET form; with scripts, results and URL are updated while typing. */
export function Calculator({ hardware, sku: askedSku, texts: askedTexts, unknown, origin }: Props) {
  const [sku, setSku] = useState(askedSku)
  const [texts, setTexts] = useState(askedTexts)
  const row = hardware.find((row) => row.sku === sku) ?? hardware[0]!
  const { whenPublic, whenPrivate, alwaysOn } = estimateCosts(row.usd_per_second, usageOf(texts))
  const address = pricingAddress(row.sku, texts)
  const said = useSettled(
    `${row.name}: public ${cents(whenPublic.month)}, private ${cents(whenPrivate.month)}, always on ${cents(alwaysOn.month)} per month.`,
  )
  useAddress(address)

  // What was chosen and typed before hydration: React resets the select, but not the texts. In a layout effect, because
  // a later one would undo what is typed meanwhile.
  const form = useRef<HTMLFormElement>(null)
  const early = useEarly("sku", (select) => (select as HTMLSelectElement).value)
  useLayoutEffect(() => {
    if (early === null) return
    const typed = new FormData(form.current!)
    setSku(early || askedSku)
    setTexts({ ...askedTexts, ...Object.fromEntries(usageFields.map(({ name }) => [name, String(typed.get(name))])) })
    // Only once, after hydration.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  return (
    <div className="grid gap-6 lg:grid-cols-[minmax(0,19rem)_minmax(0,1fr)] lg:gap-8">
      <form
        ref={form}
        action="/pricing#calculator"
        className="grid content-start gap-4"
        onSubmit={(event) => event.preventDefault()}
      >
        <Field label="Hardware" id="sku" hint={`${usdPerSecond(row.usd_per_second)} per second`}>
          {(control) => (
            <Select {...control} name="sku" value={sku} onChange={(event) => setSku(event.target.value)}>
              {hardwareGroups(hardware).map((group) => (
                <optgroup key={group.label} label={group.label}>
                  {group.rows.map(({ sku, name }) => (
                    <option key={sku} value={sku}>
                      {name}
                    </option>
                  ))}
                </optgroup>
              ))}
            </Select>
          )}
        </Field>
        <div className="grid grid-cols-2 gap-4">
          {usageFields.map((field) => (
            <Field
              key={field.name}
              label={field.label}
              id={field.name}
              hint={field.hint}
              error={complaintAbout(field, texts[field.name])}
              className="last:col-span-2"
            >
              {(control) => (
                <TextInput
                  {...control}
                  name={field.name}
                  value={texts[field.name]}
                  inputMode={field.decimals ? "decimal" : "numeric"}
                  maxLength={20}
                  autoComplete="off"
                  className="tabular-nums"
                  onChange={(event) => setTexts({ ...texts, [field.name]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
        <div className="flex flex-wrap items-center gap-3">
          <span className="hidden noscript:block">
            <Button type="submit" variant="primary">
              Calculate
            </Button>
          </span>
          <p className="flex items-center gap-2 text-sm text-muted noscript:hidden">
            Link to this calculation{" "}
            <CopyButton text={`${origin}${address}`} label="Copy link to this calculation" worded />
          </p>
        </div>
      </form>

      <div className="grid content-start gap-4">
        {unknown && (
          <Notice kind="warn">
            There is no hardware named “<span className="wrap-anywhere">{unknown}</span>”, so {row.name} is used
            instead.
          </Notice>
        )}
        <div className="grid gap-3 sm:grid-cols-3">
          <Sum title="Public" pays="Whoever runs it pays" estimate={whenPublic}>
            Only active time is billed.
          </Sum>
          <Sum title="Private" pays="Its owner pays" estimate={whenPrivate}>
            Setup and idle time are billed too.
          </Sum>
          <Sum title="Always on" pays="Its owner pays" estimate={alwaysOn}>
            No cold starts.
          </Sum>
        </div>
        <p className="text-muted">{advice(whenPrivate, alwaysOn)}</p>
        <p className="text-sm text-muted">
          US dollars. A month has 730 hours. Monthly amounts are rounded to the cent; daily amounts are exact.
        </p>
        <p role="status" className="sr-only">
          {said}
        </p>
      </div>
    </div>
  )
}

function Sum({
  title,
  pays,
  estimate,
  children,
}: {
  title: string
  pays: string
  estimate: CostEstimate
  children: ReactNode
}) {
  const parts = [
    ["Setup", estimate.seconds.setup],
    ["Active", estimate.seconds.active],
    ["Idle", estimate.seconds.idle],
  ] as const
  return (
    <section aria-label={title} className="flex min-w-0 flex-col rounded-xl border border-line bg-surface p-4">
      <h3>{title}</h3>
      <p className="text-sm text-muted">{pays}</p>
      <p className="mt-3 text-xl font-bold tracking-tight wrap-anywhere">{cents(estimate.month)}</p>
      <p className="text-sm text-muted">a month</p>
      <p className="mt-2 wrap-anywhere">{usd(estimate.day)}</p>
      <p className="text-sm text-muted">a day</p>
      <dl className="mt-3 grid gap-0.5 border-t border-line pt-3 text-sm [&>div]:flex [&>div]:justify-between [&>div]:gap-3 [&_dt]:text-muted">
        {parts.map(([label, seconds]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{seconds.eq(0) ? "–" : `${grouped(seconds.toFixed())} s`}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-3 text-sm text-muted">{children}</p>
    </section>
  )
}

const grouped = (number: string) => number.replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ",")

function advice(whenPrivate: CostEstimate, alwaysOn: CostEstimate) {
  if (whenPrivate.day.eq(0)) return "A private model that nobody runs is stopped and costs nothing."
  const difference = alwaysOn.month.minus(whenPrivate.month)
  if (difference.gt(0))
    return `Letting a private model stop saves ${cents(difference)} per month compared to always on.`
  return `At this load, always on costs ${difference.eq(0) ? "the same" : `${cents(difference.abs())} less per month`} and avoids cold starts.`
}

/** Updates the URL once typing pauses, without a request. */
function useAddress(address: string) {
  const first = useRef(address)
  useEffect(() => {
    if (address === first.current) return
    first.current = ""
    const timer = setTimeout(() => history.replaceState(null, "", address), 300)
    return () => clearTimeout(timer)
  }, [address])
}

/** The text once it has stopped changing, so that screen readers announce the result and not every digit. */
function useSettled(text: string) {
  const [debounced, setDebounced] = useState("")
  const first = useRef(text)
  useEffect(() => {
    if (text === first.current) return
    first.current = ""
    const timer = setTimeout(() => setDebounced(text), 900)
    return () => clearTimeout(timer)
  }, [text])
  return debounced
}
