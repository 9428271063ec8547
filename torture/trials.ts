import { authority } from "./authority"
import { buckets } from "./buckets"
import { contention } from "./contention"
import { corpora } from "./corpora"
import { costs } from "./cost"
import { crashes } from "./crashes"
import { deployments } from "./deployments"
import { engines } from "./engine"
import { fuzzing } from "./fuzz"
import { machines } from "./machines"
import { predictionFaults } from "./prediction-faults"
import { predictions } from "./predictions"
import { secrecy } from "./secrecy"
import { leaving } from "./shutdown"
import { storage } from "./storage"
import { trainings } from "./trainings"

/** All trials; those that take longest come first, so that none of them is left at the end. */
export const trials = [
  ...engines,
  ...trainings,
  ...deployments,
  ...predictions,
  ...predictionFaults,
  ...buckets,
  ...machines,
  ...storage,
  ...crashes,
  ...leaving,
  ...contention,
  ...corpora,
  ...authority,
  ...secrecy,
  ...fuzzing,
  ...costs,
]
