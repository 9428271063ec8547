/** Keeps a preference for a year, in a cookie because signing out clears all other storage. */
export function savePreference(name: string, value: string): void {
  const secure = location.protocol === "https:"
  document.cookie = `${secure ? "__Host-" : ""}${name}=${value}; Max-Age=31536000; Path=/; SameSite=Lax${secure ? "; Secure" : ""}`
}

/** Whether the preference has this value. */
export const prefers = (name: string, value: string): boolean =>
  document.cookie.split("; ").some((cookie) => cookie.replace(/^__Host-/, "") === `${name}=${value}`)
