import { request } from "@playwright/test"

import { Account, uniqueName } from "./account"

/** An account with an API token, on the shared server unless another one is given. */
export async function anAccount(
  prefix = "e2e",
  origin = process.env.E2E_BASE_URL!,
): Promise<{ username: string; password: string; token: string }> {
  const account = await Account.open(request, origin, uniqueName(prefix))
  const token = await account.token()
  await account.request.dispose()
  return { username: account.username, password: account.password, token }
}
