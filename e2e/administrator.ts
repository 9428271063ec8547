import path from "node:path"
import Database from "better-sqlite3"

import type { Account } from "./account"

/**
 * Makes somebody an administrator directly in the database, because which test creates the first account is
 * unpredictable.
 */
export function makeAdministrator({ username }: Pick<Account, "username">, dataDir = process.env.E2E_DATA_DIR!): void {
  const database = new Database(path.join(dataDir, "understudy.db"), { timeout: 10_000 })
  database.prepare("update owners set is_admin = 1 where username = ?").run(username)
  database.close()
}
