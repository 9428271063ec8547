/**
 * Node's options for the server. Under load, V8 lets the young generation grow to 112 MB and keeps it, and collects the
 * old one when it has doubled to quadrupled. With these, the young one takes at most 24 MB, and the old one is collected
 * when it has grown by half. See docs/performance.md.
 */
export const serverFlags = ["--max-semi-space-size=8", "--heap-growing-percent=50"]
