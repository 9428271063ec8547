import type { PredictionBody } from "@/lib/models/prediction-body"

/** How an output arrived, judged by its value and URLs, for callers without the version's schema. */
export const arrivalOf = ({ output, urls }: PredictionBody): "as growing text" | "at once" =>
  urls.stream?.includes("/v1/streams/") && Array.isArray(output) && output.every((part) => typeof part === "string")
    ? "as growing text"
    : "at once"
