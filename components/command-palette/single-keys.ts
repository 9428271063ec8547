import { keepPreference, prefers } from "../preference"

const name = "single-keys"

/** Whether a key on its own may do something. People who speak to their machine turn this off. */
export const singleKeysAreOn = (): boolean => !prefers(name, "off")

export const turnSingleKeys = (on: boolean): void => keepPreference(name, on ? "on" : "off")
