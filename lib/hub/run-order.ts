import { env } from "@/env"
import type { InstanceSpec } from "@/lib/engines/engine"
import { filesToServe } from "@/lib/files/input"
import { listHardware } from "@/lib/hardware/hardware"
import { setting } from "@/lib/settings/setting"
import { trains } from "@/lib/pools/row"
import type { WholePool } from "@/lib/pools/pool"
import { filePathsIn, returnsFiles, openSecrets } from "@/lib/predictions/input"
import type { Prediction } from "@/lib/predictions/row"
import { pullCredential } from "@/lib/registry/pull-credential"
import { runnerRegistry } from "@/lib/registry/runner-address"
import type { Hardware, RunOrder } from "@/lib/runner/port"
import { openapiOf } from "@/lib/versions/reference"
import type { TrackedInstance } from "./state"

const gigabyte = 1024

/** The hardware catalogue as machine requirements. */
export async function hardwareForRunners(): Promise<Hardware[]> {
  const rows = await listHardware()
  return rows.map(({ sku, name, cpus, ram_gb, gpus }) => ({
    sku,
    name,
    cpus: cpus ?? 1,
    memory_mb: (ram_gb ?? 2) * gigabyte,
    gpus,
  }))
}

/** Builds the order to start an instance. */
export async function instanceSpecOf(
  pool: WholePool,
  live: TrackedInstance,
): Promise<InstanceSpec & { engine: TrackedInstance["engine"] }> {
  const row = (await hardwareForRunners()).find(({ sku }) => sku === live.hardware)
  const repository = `${pool.model.owner}/${pool.model.name}`
  const { trained } = pool.version_row
  return {
    id: live.id,
    engine: live.engine,
    ...(pool.version_row.bundled !== null
      ? { image: pool.version_row.bundled }
      : {
          image: `${runnerRegistry()}/${repository}@${trained?.image ?? `sha256:${pool.version}`}`,
          pull: pullCredential(repository, { owner_id: pool.model.owner_id, username: pool.model.owner }),
        }),
    mode: trains(pool) ? "train" : "predict",
    ...(trained && { weights: { file: trained.weights.blob, name: trained.weights.name } }),
    env: {},
    hardware: live.hardware,
    ...(row && { hardware_name: row.name }),
    memory_mb: row?.memory_mb ?? 2 * gigabyte,
    cpus: row?.cpus ?? 1,
    gpus: row?.gpus ?? 0,
    egress: live.egress,
    setup_limit: (pool.setup_limit_minutes ?? env.SETUP_LIMIT_MINUTES) * 60,
    slots: concurrencyOf(pool),
  }
}

/** The concurrency set in the model's cog.yaml. */
function concurrencyOf({ version_row }: WholePool): number {
  const concurrency = (version_row.cog_config as { concurrency?: { max?: unknown } } | null)?.concurrency?.max
  return typeof concurrency === "number" && Number.isInteger(concurrency) && concurrency > 0
    ? Math.min(concurrency, 256)
    : 1
}

/** Builds the order to run a prediction: secrets decrypted, files replaced by keys. */
export async function runOrderOf(
  prediction: Prediction,
  pool: WholePool,
  { egress }: Pick<TrackedInstance, "egress">,
  resume: boolean,
): Promise<RunOrder> {
  const { number } = pool.version_row
  const { id, owner_id, operation, created_at } = prediction
  const [takes, gives] =
    operation === "train" ? (["TrainingInput", "TrainingOutput"] as const) : (["Input", "Output"] as const)
  const openapi = await openapiOf(number)
  const input = openSecrets(id, prediction.input ?? {}, prediction.secrets)
  return {
    id,
    operation,
    input,
    files: await filesToServe(owner_id, input, filePathsIn(openapi, input, takes), egress),
    created_at,
    ...(returnsFiles(openapi, gives) && { gives_files: true }),
    time_limit_ms:
      operation === "train"
        ? env.TRAINING_LIMIT_HOURS * 3_600_000
        : (pool.run_limit_minutes ?? setting("RUN_LIMIT_MINUTES")) * 60_000,
    ...(resume && { resume: true as const }),
  }
}
