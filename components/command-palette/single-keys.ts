import { savePreference, prefers } from "../preference"

const name = "single-keys"

/** Whether single-key shortcuts are enabled. People who use speech input turn them off. */
export const singleKeysAreOn = (): boolean => !prefers(name, "off")

export const turnSingleKeys = (on: boolean): void => savePreference(name, on ? "on" : "off")
