import { sessions } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { listSessions } from "./session"
import { deleteSessions, revokeSessionsBut } from "./store"

export const sessionsLifecycle: AccountLifecycle = {
  tables: [sessions],
  disable: async (tx, id, at) => void (await revokeSessionsBut(tx, id, null, at)),
  close: deleteSessions,
  export: async (actor) => ({
    sessions: (await listSessions(actor, null)).map(({ handle: _handle, current: _current, ...session }) => session),
  }),
}
