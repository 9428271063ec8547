import type { RunnerRow } from "./row"
import { listRunnersNow } from "./runner"

/** What runners offer of a hardware now: instances in all, and how many more at this moment. */
export type Offer = { total: number; free: number }

/** What can be run here now. */
export type Offers = {
  hardware: ReadonlyMap<string, Offer>
  /** Whether pushed images run, and whether the models do that come with the product. */
  images: boolean
  bundled: boolean
}

/** Milliseconds for which what runners offer is not asked again: they report every second. */
const fresh = 1000

let known: { at: number; offers: Promise<Offers> } | undefined

/** What the runners that are there offer. */
export function currentOffers(): Promise<Offers> {
  if (!known || performance.now() - known.at > fresh) {
    const offers = listRunnersNow().then(offersOf)
    known = { at: performance.now(), offers }
    offers.catch(() => (known = undefined))
  }
  return known.offers
}

export function offersOf(runners: Pick<RunnerRow, "capacity" | "engines">[]): Offers {
  const hardware = new Map<string, Offer>()
  for (const { capacity } of runners)
    for (const { sku, total, free } of capacity) {
      const sum = hardware.get(sku) ?? { total: 0, free: 0 }
      hardware.set(sku, { total: sum.total + total, free: sum.free + free })
    }
  const anyHas = (...names: string[]) => runners.some(({ engines }) => names.some((name) => engines.includes(name)))
  return { hardware, images: anyHas("docker", "kubernetes"), bundled: anyHas("process") }
}

/** Whether something runs on a hardware now. As long as there is no runner at all, none is set apart. */
export const isOffered = ({ hardware }: Offers, sku: string): boolean => hardware.size === 0 || hardware.has(sku)

/** Why nothing runs on a hardware now, as a sentence; null when something can. */
export const notOffered = ({ hardware }: Offers, sku: string): string | null =>
  hardware.has(sku) ? null : `No runner offers ${sku} at the moment. Predictions wait until one does.`
