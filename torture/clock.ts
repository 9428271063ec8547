import { writeFileSync } from "node:fs"
import path from "node:path"

import { ensureFaketime } from "@/scripts/system.mjs"
import { aFolder } from "./installation"

/** A clock for a server started with `env`: `jump` sets its offset from the real time, in seconds. */
export async function aClock() {
  const library = await ensureFaketime()
  const control = path.join(aFolder(), "clock")
  const jump = (seconds: number) =>
    writeFileSync(control, library ? `${seconds < 0 ? "" : "+"}${seconds}\n` : String(seconds * 1000))
  jump(0)
  const env: Record<string, string> = library
    ? {
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: control,
        FAKETIME_NO_CACHE: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
        DONT_FAKE_MONOTONIC: "1",
      }
    : { NODE_OPTIONS: `--import ${path.resolve("torture/shifted-clock.mjs")}`, UNDERSTUDY_CLOCK: control }
  return { jump, env, by: library ? "libfaketime" : "an injected clock" }
}
