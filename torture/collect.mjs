// Loaded into the server by torture/cost.ts: a signal triggers garbage collection.
process.on("SIGUSR2", () => globalThis.gc())
