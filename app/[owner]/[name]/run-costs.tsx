import Link from "next/link"

import { dollars, seconds } from "@/components/run/run-estimate"
import type { Estimate } from "@/lib/predictions/estimate"

type Props = { estimate: Estimate; hardware: { name: string } | null }

/** The time and cost of a run of the latest version, from recent runs. */
export function RunCosts({ estimate, hardware }: Props) {
  const { run_seconds, run_seconds_p95, boot_seconds, usd } = estimate
  const perDollar = usd && Number(usd) > 0 ? Math.floor(1 / Number(usd)) : null
  return (
    <section aria-labelledby="costs" className="mt-10 max-w-3xl">
      <h2 id="costs" className="mb-1">
        Run time and cost
      </h2>
      {run_seconds === null ? (
        <p className="text-muted">No runs yet.</p>
      ) : (
        <>
          <p className="mb-3 text-sm text-muted">
            Based on recent runs of the latest version. Actual times depend on the inputs.
          </p>
          <dl className="grid gap-x-8 gap-y-3 sm:grid-cols-3">
            <Fact name="Median run time" value={seconds(run_seconds)} />
            <Fact name="95th percentile" value={seconds(run_seconds_p95 ?? run_seconds)} />
            {boot_seconds !== null && <Fact name="A cold start adds about" value={seconds(boot_seconds)} />}
            {usd !== null && <Fact name="A run costs about" value={`$${dollars(usd)}`} />}
            {perDollar !== null && <Fact name="Runs for $1" value={`about ${perDollar.toLocaleString("en-US")}`} />}
            {hardware && <Fact name="Hardware" value={hardware.name} href="/pricing" />}
          </dl>
        </>
      )}
    </section>
  )
}

const Fact = ({ name, value, href }: { name: string; value: string; href?: string }) => (
  <div>
    <dt className="text-sm text-muted">{name}</dt>
    <dd className="font-semibold">
      {href ? (
        <Link href={href} className="link">
          {value}
        </Link>
      ) : (
        <span>{value}</span>
      )}
    </dd>
  </div>
)
