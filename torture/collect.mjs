// Loaded into the server by torture/cost.ts: a signal collects its garbage.
process.on("SIGUSR2", () => globalThis.gc())
