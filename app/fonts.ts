import localFont from "next/font/local"

export const sans = localFont({
  src: "../node_modules/@fontsource-variable/schibsted-grotesk/files/schibsted-grotesk-latin-wght-normal.woff2",
  weight: "400 900",
  variable: "--font-grotesk",
  display: "swap",
  adjustFontFallback: "Arial",
})

// Next can only measure proportional fallbacks; globals.css declares one that is monospaced.
export const mono = localFont({
  src: "../node_modules/@fontsource/commit-mono/files/commit-mono-latin-400-normal.woff2",
  weight: "400",
  variable: "--font-commit",
  display: "swap",
  adjustFontFallback: false,
  fallback: ["Commit Mono Fallback", "ui-monospace", "monospace"],
})

/** For `<html className>`: defines the font variables that globals.css builds on. */
export const fontVariables = `${sans.variable} ${mono.variable}`
