import type { ListedDelivery } from "./delivery"

type State = Pick<ListedDelivery, "next_attempt_at" | "leased_until" | "delivered_at" | "attempts" | "error" | "status">

/** The status of a delivery as a short label. */
export function stateInWords(delivery: State): "Delivered" | "Sending" | "Waiting" | "Retrying" | "Failed" {
  if (delivery.delivered_at) return "Delivered"
  if (delivery.next_attempt_at === null) return "Failed"
  if (delivery.leased_until && Date.parse(delivery.leased_until) > Date.now()) return "Sending"
  return delivery.error ? "Retrying" : "Waiting"
}

/** The outcome of a manual delivery as a sentence. */
export function outcomeInWords(delivery: State): string {
  if (delivery.delivered_at) return `Delivered. The receiver answered ${delivery.status}.`
  return delivery.error ?? "It is still being sent. Reload the page to see the outcome."
}
