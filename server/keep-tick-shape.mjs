// Keeps process.nextTick fast: 35 ns instead of 270, some seven times per request (docs/performance.md).
import { executionAsyncResource } from "node:async_hooks"

// Node creates an object for each call. When a full garbage collection finds none of them, V8 forgets their shape, and
// the next ones have a new one. As the code that creates them has then seen two shapes, it uses a slow, general way for
// good. One object that is never released keeps the shape.
process.nextTick(() => {
  globalThis[Symbol.for("understudy.tick")] = executionAsyncResource()
})
