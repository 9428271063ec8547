import { appendFileSync, mkdtempSync, readFileSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"

import { aRun } from "@/lib/test/runner-port"
import { RunJournal } from "./journal"
import type { SavedRun } from "./run"

const aPath = () => join(mkdtempSync(join(tmpdir(), "us-")), "runs.jsonl")

function aSavedRun(): SavedRun {
  const { input: _, ...order } = aRun({})
  return { order, started_at: "2026-01-01T00:00:00.000000Z" }
}

test("the newest state of each run that is not over survives", () => {
  const path = aPath()
  const journal = new RunJournal(path)
  const [one, two, three] = [aSavedRun(), aSavedRun(), aSavedRun()]
  for (const run of [one, two, three]) journal.save(run)
  const ended: SavedRun = { ...two, final: { status: "succeeded", output: "über\n" } }
  journal.save(ended)
  journal.forget(one.order.id)

  const after = new RunJournal(path)
  expect(after.read()).toEqual([ended, three])
  after.forget(two.order.id)
  after.save(one)
  expect(new RunJournal(path).read()).toEqual([three, one])
})

test("without runs it is empty, and there may be no file", () => {
  const path = aPath()
  const journal = new RunJournal(path)
  expect(journal.read()).toEqual([])
  const run = aSavedRun()
  journal.save(run)
  journal.forget(run.order.id)
  expect(statSync(path).size).toBe(0)
  journal.save(run)
  expect(new RunJournal(path).read()).toEqual([run])
})

test("a record that was written in part is left out, and those after it count", () => {
  const path = aPath()
  const journal = new RunJournal(path)
  const [one, two] = [aSavedRun(), aSavedRun()]
  journal.save(one)
  appendFileSync(path, '\n{"order":{"id":"bro')
  journal.save(two)
  expect(new RunJournal(path).read()).toEqual([one, two])
})

test("does not grow while there is always a run", () => {
  const path = aPath()
  const journal = new RunJournal(path)
  let last = aSavedRun()
  journal.save(last)
  for (let n = 0; n < 50; n++) {
    const next = aSavedRun()
    journal.save(next)
    journal.save({ ...last, final: { status: "succeeded", output: "x".repeat(100_000) } })
    journal.forget(last.order.id)
    last = next
  }
  expect(statSync(path).size).toBeLessThan(1_500_000)
  expect(new RunJournal(path).read()).toEqual([last])
  journal.close()
  journal.forget(last.order.id)
  expect(readFileSync(path, "utf8")).toBe("")
})
