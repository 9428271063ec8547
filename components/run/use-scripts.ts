"use client"

import { useSyncExternalStore } from "react"

/** False on the server and until the page is alive, true from then on. */
export const useScripts = (): boolean =>
  useSyncExternalStore(
    () => () => {},
    () => true,
    () => false,
  )
