"use client"

import { useSyncExternalStore } from "react"

/** Whether scripts run: false on the server and during hydration, then true. */
export const useScripts = (): boolean =>
  useSyncExternalStore(
    () => () => {},
    () => true,
    () => false,
  )
