/** Keeps how somebody likes this site, in this browser for a year: a cookie, because signing out clears every other storage. */
export function keepPreference(name: string, value: string): void {
  const secure = location.protocol === "https:"
  document.cookie = `${secure ? "__Host-" : ""}${name}=${value}; Max-Age=31536000; Path=/; SameSite=Lax${secure ? "; Secure" : ""}`
}

/** Whether exactly this was kept. */
export const prefers = (name: string, value: string): boolean =>
  document.cookie.split("; ").some((cookie) => cookie.replace(/^__Host-/, "") === `${name}=${value}`)
