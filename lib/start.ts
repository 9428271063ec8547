import path from "node:path"

import { closeDatabase, databaseHandle } from "@/db"
import { holdDataFolder, makeFolderSync } from "@/db/data-folder"
import { migrateDatabase } from "@/db/migrate"
import { acquireServerLock } from "@/db/server-lock"
import { tightenDataFolder } from "@/db/tighten"
import { env } from "@/env"
import { syncAuthSecret } from "@/lib/auth/secret"
import { bucketFailure } from "@/lib/bucket/health"
import { bundledEntry } from "@/lib/bundled/catalogue"
import { publishBundledModels } from "@/lib/bundled/publish"
import { bundledExamplesJob } from "@/lib/bundled/show"
import { connectBus } from "@/lib/bus/bus"
import { expiredFilesJob, strayContentsJob } from "@/lib/files/sweep"
import { abandonedUploadsJob } from "@/lib/files/resumable"
import { deploymentsJob } from "@/lib/deployments/rollout"
import { hubJobs, hubPort, ownRunnerId, startHub } from "@/lib/hub/hub"
import { forgetKeysJob } from "@/lib/idempotency/idempotency"
import { oldInstancesJob } from "@/lib/instances/job"
import { loadSettings, settingsJob } from "@/lib/settings/setting"
import { startJobs, type Job } from "@/lib/jobs/job"
import { descriptionsJob } from "@/lib/collections/collection"
import { readmesJob } from "@/lib/models/readme"
import { log } from "@/lib/log"
import { cachedJsonJob } from "@/lib/models/fill-cached-json"
import { deletedVersionsJob } from "@/lib/predictions/deleted-versions"
import { expiredDataJob, runCountsJob } from "@/lib/predictions/jobs"
import { imageCacheJob } from "@/lib/pictures/cache"
import { batchesJob } from "@/lib/batches/job"
import { followPushes } from "@/lib/pushes/push"
import { startOwnRunner } from "@/lib/runner/local-runner"
import { sweepJob } from "@/lib/images/gc"
import { formsJob } from "@/lib/versions/version"
import { sealOldSecrets } from "@/lib/webhooks/secret"
import { expiredSinksJob } from "@/lib/webhooks/sink"
import { oldDeliveriesJob, startSender } from "@/lib/webhooks/sender"

/** Files from earlier releases, or in a copied folder, may be readable by others. */
function tighten() {
  const { tightened, refused } = tightenDataFolder(path.resolve(env.DATA_DIR))
  if (tightened.length > 0)
    log("warn", "other users could read files in the data folder, and no longer can", { files: tightened })
  if (refused.length > 0) log("warn", "other users can read files in the data folder", { files: refused })
}

/** The jobs of a server. */
const jobs: Job[] = [
  settingsJob,
  cachedJsonJob,
  formsJob,
  readmesJob,
  descriptionsJob,
  forgetKeysJob,
  sweepJob,
  expiredFilesJob,
  strayContentsJob,
  abandonedUploadsJob,
  oldDeliveriesJob,
  oldInstancesJob,
  expiredDataJob,
  runCountsJob,
  batchesJob,
  expiredSinksJob,
  bundledExamplesJob,
  deletedVersionsJob,
  ...hubJobs,
  deploymentsJob,
  imageCacheJob,
]

/**
 * Starts what a server needs: a migrated database, the secret, the settings, messages from other servers, and jobs.
 * `alone` refuses to share a SQLite database with another server. The returned function stops all of it.
 */
export async function startServer({ alone }: { alone: boolean }): Promise<() => Promise<void>> {
  const releaseServerLock = alone ? await acquireServerLock() : () => {}
  makeFolderSync(path.resolve(env.DATA_DIR))
  tighten()
  await migrateDatabase()
  const stopWatching = databaseHandle().watch?.(() =>
    log("error", "the database does not answer; its connections are cut", {}),
  )
  await syncAuthSecret()
  await sealOldSecrets()
  await loadSettings()
  bucketFailure()
  const disconnectBus = await connectBus()
  followPushes()
  await publishBundledModels()
  const running = startJobs(jobs)
  const stopSender = startSender({ report: (error) => log("error", "webhooks could not be sent", { error }) })
  const stopHub = startHub()
  const runner = await startOwnRunner({ id: ownRunnerId(), port: hubPort, bundledEntry })
  const releaseDataFolder = holdDataFolder()
  return async () => {
    await runner?.close()
    await stopHub()
    await Promise.all([running.stop(), stopSender()])
    await disconnectBus()
    stopWatching?.()
    await closeDatabase()
    releaseDataFolder()
    releaseServerLock()
  }
}
