import type { RunnerRow } from "./row"
import { listLiveRunners } from "./runner"

/** Instances of one hardware that the runners offer: in total, and free now. */
type Offer = { total: number; free: number }

/** What the runners can run now. */
export type Offers = {
  hardware: ReadonlyMap<string, Offer>
  /** Whether pushed images and bundled models can run. */
  images: boolean
  bundled: boolean
}

/** Milliseconds for which offers are cached; runners report every second. */
const fresh = 1000

let known: { at: number; offers: Promise<Offers> } | undefined

/** The offers of all runners that are up. */
export function currentOffers(): Promise<Offers> {
  if (!known || performance.now() - known.at > fresh) {
    const offers = listLiveRunners().then(offersOf)
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

/** Whether a hardware is available now. With no runner at all, none is marked unavailable. */
export const isOffered = ({ hardware }: Offers, sku: string): boolean => hardware.size === 0 || hardware.has(sku)

/** Why a hardware is unavailable, as a sentence; null when it is available. */
export const notOfferedReason = ({ hardware }: Offers, sku: string): string | null =>
  hardware.has(sku) ? null : `No runner offers ${sku} at the moment. Predictions wait until one does.`
