import localFont from "next/font/local"

// The fallbacks are declared in globals.css, where one face can try several look-alikes of Arial and Courier in turn.

export const sans = localFont({
  src: "../node_modules/@fontsource-variable/schibsted-grotesk/files/schibsted-grotesk-latin-wght-normal.woff2",
  weight: "400 900",
  variable: "--font-grotesk",
  display: "swap",
  adjustFontFallback: false,
  fallback: ["Grotesk Fallback", "system-ui", "sans-serif"],
})

export const mono = localFont({
  src: "../node_modules/@fontsource/commit-mono/files/commit-mono-latin-400-normal.woff2",
  weight: "400",
  variable: "--font-commit",
  display: "swap",
  adjustFontFallback: false,
  fallback: ["Commit Fallback", "ui-monospace", "monospace"],
})

/** For `<html className>`: defines the font variables that globals.css builds on. */
export const fontVariables = `${sans.variable} ${mono.variable}`
