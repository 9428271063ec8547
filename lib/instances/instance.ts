export type { Instance } from "./row"
export {
  appendSetupLog,
  claimOrdinal,
  countStoppedSince,
  findBooting,
  findInstance,
  findInstanceTimes,
  listInstancesOf,
  listLiveOfPool,
  listLiveOfRunner,
  listLost,
  listRepriced,
  markReady,
  stopRow,
  updateInstance,
  type LiveInstance,
} from "./store"
export { closeInstancesOf, listUnmetered, meterInstance, meterModel, unmeteredRows } from "./meter-store"
