import { execFileSync } from "node:child_process"
import { expect, test } from "vitest"

/** Whether objects of process.nextTick have the same shape before and after full garbage collections. */
const shapeLasts = (isKept: boolean) =>
  execFileSync(process.execPath, ["--expose-gc", "--allow-natives-syntax", "--input-type=module"], {
    encoding: "utf8",
    cwd: import.meta.dirname,
    input: `
        import { executionAsyncResource } from "node:async_hooks"
        ${isKept ? 'import "./keep-tick-shape.mjs"' : ""}
        const tick = () => new Promise((resolve) => process.nextTick(() => resolve(new WeakRef(executionAsyncResource()))))
        // A weak copy of the shape: an instance of the same shape that survives would keep it.
        const before = await tick()
        const kept = globalThis[Symbol.for("understudy.tick")]
        for (let n = 0; n < 20; n++) {
          await new Promise((resolve) => setImmediate(resolve))
          gc()
        }
        const after = (await tick()).deref()
        console.log(kept !== undefined && before.deref() === undefined && %HaveSameMap(kept, after))
      `,
  }).trim()

test("objects of process.nextTick keep their shape when garbage is collected", () => {
  expect(shapeLasts(true)).toBe("true")
})
