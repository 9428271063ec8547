/** Functions for lib/worker/worker.test.ts; they run in a thread. */

type Pair = { a: number; b: number }

export const add = ({ a, b }: Pair): number => a + b

export const spin = (): never => {
  for (;;);
}

export function fill(): never {
  const kept: object[] = []
  for (;;) kept.push({ n: kept.length })
}

export const fail = (): never => {
  throw new RangeError("on purpose")
}

export const environment = (): string[] => Object.keys(process.env)
