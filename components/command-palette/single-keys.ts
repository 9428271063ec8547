const place = "understudy.single-keys"

/** Whether a key on its own may do something. People who speak to their machine turn this off. */
export function singleKeysAreOn(): boolean {
  try {
    return localStorage.getItem(place) !== "off"
  } catch {
    return true
  }
}

export function turnSingleKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(place)
    else localStorage.setItem(place, "off")
  } catch {
    // Without storage they stay on.
  }
}
