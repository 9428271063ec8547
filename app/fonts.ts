import localFont from "next/font/local"

// Subsets of Schibsted Grotesk and Commit Mono to the characters of western languages; their licences stand beside them.
// The fallbacks are declared in globals.css, where one face can try several look-alikes of Arial and Courier in turn.

export const sans = localFont({
  src: "./fonts/schibsted-grotesk.woff2",
  weight: "400 900",
  variable: "--font-grotesk",
  display: "swap",
  adjustFontFallback: false,
  fallback: ["Grotesk Fallback", "system-ui", "sans-serif"],
})

export const mono = localFont({
  src: "./fonts/commit-mono.woff2",
  weight: "400",
  variable: "--font-commit",
  display: "swap",
  adjustFontFallback: false,
  fallback: ["Commit Fallback", "ui-monospace", "monospace"],
})

/** For `<html className>`: defines the font variables that globals.css builds on. */
export const fontVariables = `${sans.variable} ${mono.variable}`
