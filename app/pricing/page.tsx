import type { Metadata } from "next"

import { HardwareHistory } from "@/components/hardware-history"
import { gigabytes, notOffered } from "@/components/hardware-specs"
import { PageHeader } from "@/components/ui/page-header"
import { Table } from "@/components/ui/table"
import { alternateLinks, param, currentOrigin } from "@/lib/next/page"
import { hardwareGroups } from "@/lib/hardware/groups"
import { listHardwareChanges } from "@/lib/hardware/catalogue"
import { currentOffers, isOffered } from "@/lib/runners/offers"
import { unavailableReason, listHardware } from "@/lib/hardware/hardware"
import { usdPerHour, usdPerSecond } from "@/lib/hardware/price"
import { Calculator } from "./calculator"
import { usageFields, type UsageTexts } from "./usage"

export const metadata: Metadata = {
  title: "Pricing",
  description: "Prices of each hardware type, and which time is billed.",
  alternates: alternateLinks("/pricing"),
}

const rules = [
  {
    what: "Public model",
    who: "Whoever runs it",
    setup: "Free",
    active: "Billed",
    idle: "Free",
    failed: "Free",
    canceled: "Billed until canceled",
  },
  {
    what: "Private model",
    who: "Its owner",
    setup: "Billed",
    active: "Billed",
    idle: "Billed",
    failed: "Billed as active time",
    canceled: "Billed as active time",
  },
  {
    what: "Deployment",
    who: "Its owner",
    setup: "Billed",
    active: "Billed",
    idle: "Billed",
    failed: "Billed as active time",
    canceled: "Billed as active time",
  },
]

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function PricingPage({ searchParams }: Props) {
  const offers = await currentOffers()
  const rows = (await listHardware()).map((row) => ({
    ...row,
    reason: unavailableReason(row),
    offered: isOffered(offers, row.sku),
  }))
  const changes = await listHardwareChanges()
  const query = await searchParams
  const asked = param(query.sku) ?? ""
  const known = rows.find((row) => row.sku === asked || row.aliases.includes(asked))
  const open = rows.filter((row) => row.reason === null)
  const usual = open.find((row) => row.gpus > 0) ?? open[0] ?? rows[0]
  const texts = Object.fromEntries(
    usageFields.map(({ name, usual }) => [name, (param(query[name]) ?? usual).slice(0, 20)]),
  ) as UsageTexts

  return (
    <>
      <PageHeader
        title="Pricing"
        lead="Hardware is billed by the second, at the same price for public and private models. What differs is which time is billed and who pays."
        className="mb-10"
      />
      {usual && (
        <section aria-labelledby="calculator" className="mb-12">
          <h2 id="calculator" className="mb-4 scroll-mt-6">
            Estimate your cost
          </h2>
          <Calculator
            hardware={rows.map(({ sku, name, usd_per_second, gpus, reason }) => ({
              sku,
              name,
              usd_per_second,
              gpus,
              reason,
            }))}
            sku={(known ?? usual).sku}
            texts={texts}
            unknown={asked && !known ? asked.slice(0, 60) : null}
            origin={await currentOrigin()}
          />
        </section>
      )}

      <section aria-labelledby="hardware">
        <h2 id="hardware" className="mb-4">
          Hardware
        </h2>
        <Table label="Hardware and prices" className="[&_td]:whitespace-nowrap">
          <thead>
            <tr>
              <th scope="col">Type</th>
              <th scope="col" className="num">
                GPUs
              </th>
              <th scope="col" className="num">
                GPU RAM
              </th>
              <th scope="col" className="num">
                RAM
              </th>
              <th scope="col" className="num">
                CPUs
              </th>
              <th scope="col" className="num">
                per second
              </th>
              <th scope="col" className="num">
                per hour
              </th>
            </tr>
          </thead>
          {hardwareGroups(rows).map((group) => (
            <tbody key={group.label}>
              <tr className="bg-sunken text-sm text-muted">
                <th scope="rowgroup" colSpan={7} className="py-1! font-normal!">
                  {group.label}
                </th>
              </tr>
              {group.rows.map((row) => (
                <tr key={row.sku}>
                  <th scope="row" className="min-w-48">
                    {row.name}
                    <span className="block font-mono text-xs font-normal text-muted">{row.sku}</span>
                    {!row.offered && <span className="block text-xs font-normal text-muted">{notOffered}</span>}
                  </th>
                  <td className="num">{row.gpus || "–"}</td>
                  <td className="num">{gigabytes(row.gpu_ram_gb)}</td>
                  <td className="num">{gigabytes(row.ram_gb)}</td>
                  <td className="num">{row.cpus ?? "–"}</td>
                  <td className="num">{usdPerSecond(row.usd_per_second)}</td>
                  <td className="num">{usdPerHour(row.usd_per_second)}</td>
                </tr>
              ))}
            </tbody>
          ))}
        </Table>
        <p className="mt-3 text-sm text-muted">US dollars. An hour is 3,600 times the price of a second.</p>
      </section>

      <section aria-labelledby="rules" className="mt-12">
        <h2 id="rules" className="mb-4">
          What is billed
        </h2>
        <Table label="Billed time by type of model">
          <thead>
            <tr>
              <th scope="col">
                <span className="sr-only">Type</span>
              </th>
              <th scope="col">Paid by</th>
              <th scope="col">Setup</th>
              <th scope="col">Active</th>
              <th scope="col">Idle</th>
              <th scope="col">Failed run</th>
              <th scope="col">Canceled run</th>
            </tr>
          </thead>
          <tbody>
            {rules.map((rule) => (
              <tr key={rule.what}>
                <th scope="row" className="whitespace-nowrap">
                  {rule.what}
                </th>
                <td className="whitespace-nowrap">{rule.who}</td>
                <td>{rule.setup}</td>
                <td>{rule.active}</td>
                <td>{rule.idle}</td>
                <td className="min-w-32">{rule.failed}</td>
                <td className="min-w-32">{rule.canceled}</td>
              </tr>
            ))}
          </tbody>
        </Table>
        <div className="mt-4 grid max-w-2xl gap-3 text-muted">
          <p>
            An instance is set up, runs, stays idle for a few minutes and stops. Public models share a pool of hardware
            and a queue; private models and deployments have their own instances.
          </p>
        </div>
      </section>
      {changes.length > 0 && (
        <section aria-labelledby="history" className="mt-12">
          <h2 id="history" className="mb-4">
            Price and hardware changes
          </h2>
          <HardwareHistory changes={changes} />
        </section>
      )}
    </>
  )
}
