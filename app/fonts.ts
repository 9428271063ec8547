import localFont from "next/font/local"

// Subsets of Schibsted Grotesk and Commit Mono to western characters; their licences are beside them. The fallbacks
// are declared in globals.css, where one face can try several local fonts in turn.

const sans = localFont({
  src: "./fonts/schibsted-grotesk.woff2",
  weight: "400 900",
  variable: "--font-grotesk",
  display: "swap",
  adjustFontFallback: false,
  fallback: ["Grotesk Fallback", "system-ui", "sans-serif"],
})

const mono = localFont({
  src: "./fonts/commit-mono.woff2",
  weight: "400",
  variable: "--font-commit",
  display: "swap",
  adjustFontFallback: false,
  fallback: ["Commit Fallback", "ui-monospace", "monospace"],
})

/** For `<html className>`: the font variables that globals.css uses. */
export const fontVariables = `${sans.variable} ${mono.variable}`
