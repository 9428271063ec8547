import { expect, test } from "vitest"

import { lossesIn } from "./losses"

test.each([
  [
    "epoch 1/3 loss=1.000\nepoch 2/3 loss=0.500\nepoch 3/3 loss=0.333",
    "loss",
    [
      [1, 1],
      [2, 0.5],
      [3, 0.333],
    ],
  ],
  [
    "{'loss': 2.31, 'learning_rate': 5e-05, 'epoch': 0.5}\n{'loss': 1.9, 'learning_rate': 4e-05, 'epoch': 1.0}",
    "loss",
    [
      [0.5, 2.31],
      [1, 1.9],
    ],
  ],
  [
    '{"step": 10, "train_loss": 0.9}\n{"step": 20, "train_loss": 7e-1}',
    "train_loss",
    [
      [10, 0.9],
      [20, 0.7],
    ],
  ],
  [
    "flux: 10%|# | 100/1000 [00:01<00:09, lr: 1e-4 loss: 4.2e-01]\rflux: 11%|# | 110/1000 [00:02<00:09, lr: 1e-4 loss: 4.1e-01]",
    "loss",
    [
      [100, 0.42],
      [110, 0.41],
    ],
  ],
  [
    "Iteration 5, loss = 0.3\nIteration 6, loss = 0.2",
    "loss",
    [
      [5, 0.3],
      [6, 0.2],
    ],
  ],
  [
    "Train Loss: 0.7\nTrain Loss: 0.6",
    "train_loss",
    [
      [1, 0.7],
      [2, 0.6],
    ],
  ],
  [
    "steps: 50%|x| 5/10 [00:01<00:01, avr_loss=0.12]\nsteps: 60%|x| 6/10 [00:01<00:01, avr_loss=0.11]",
    "avr_loss",
    [
      [5, 0.12],
      [6, 0.11],
    ],
  ],
])("reads %j", (log, name, points) => {
  expect(lossesIn(log)).toEqual([{ name, points: points.map(([step, value]) => ({ step, value })) }])
})

test("tells series apart, and draws nothing from a single number or from words", () => {
  const log = "epoch 1 loss=2 val_loss=3\nepoch 2 loss=1 val_loss=2.5\n"
  expect(lossesIn(log).map(({ name }) => name)).toEqual(["loss", "val_loss"])
  expect(lossesIn("final loss: 0.1")).toEqual([])
  expect(lossesIn("the loss of data is 5 percent\nglossary loss\nloss=nan\nloss=nan")).toEqual([])
  expect(lossesIn("step 1 loss=3\nstep 1e999 loss=2\nstep 3 loss=1e999")).toEqual([])
})

test("a long log is read at once and thinned", () => {
  const log = Array.from({ length: 60_000 }, (_, n) => `step ${n} loss=${1 / (n + 1)}`).join("\n")
  const [series] = lossesIn(log)
  expect(series!.points).toHaveLength(400)
  expect(series!.points.at(-1)!.step).toBe(59_999)
})

test.each([
  ["digits", `loss=1 ${"1".repeat(999_990)}`],
  ["lines of digits", `loss ${"1".repeat(1990)}\n`.repeat(500)],
  ["lines of spaces", `loss step${" ".repeat(1990)}x\n`.repeat(500)],
])("a megabyte of %s is read as fast as any other", (_, log) => {
  expect(lossesIn(log).length).toBeLessThanOrEqual(1)
})
