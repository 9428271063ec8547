import * as fc from "fast-check"
import { expect, test } from "vitest"

import { eventsAfter, lastPosition, type StreamEvent, type Streamed } from "./events"
import { eventInWire, idOf, positionIn } from "./wire"

const origin = "https://models.example.com"
const told = (prediction: Partial<Streamed>, position = 0) => [
  ...eventsAfter(position, { status: "processing", output: null, error: null, ...prediction }, origin),
]
const shown = (events: StreamEvent[]) => events.map(({ position, event, data }) => `${position} ${event} ${data}`)

test("every part of the output is an event, and the end is done, with its reason", () => {
  const output = ["a", "b"]
  expect(shown(told({ output }))).toEqual(["1 output a", "2 output b"])
  expect(shown(told({ output, status: "succeeded" }, 2))).toEqual(["3 done {}"])
  expect(shown(told({ output, status: "canceled" }, 1))).toEqual(["2 output b", '3 done {"reason":"canceled"}'])
  expect(shown(told({ output, status: "failed", error: "no" }, 2))).toEqual([
    '3 error {"detail":"no"}',
    '4 done {"reason":"error"}',
  ])
  expect(shown(told({ status: "succeeded", output: "whole" }))).toEqual(["1 output whole", "2 done {}"])
  expect(shown(told({ status: "succeeded", output: [{ a: 1 }, "", null] }))).toEqual([
    '1 output {"a":1}',
    "3 output null",
    "4 done {}",
  ])
})

test("files are told by the address at which the client reaches this installation", () => {
  const output = [`understudy:/files/${"0".repeat(26)}/a.png`]
  expect(told({ output })[0]!.data).toBe(`${origin}/files/${"0".repeat(26)}/a.png`)
})

test("wherever a watcher comes in, it hears the rest, and nothing twice", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary" })),
      fc.constantFrom<Streamed["status"]>("processing", "succeeded", "failed", "canceled"),
      fc.nat(10),
      (output, status, cut) => {
        const prediction = { output, status, error: "x" }
        const all = told(prediction)
        const position = Math.min(cut, lastPosition({ ...prediction }))
        expect([...all.filter((one) => one.position <= position), ...told(prediction, position)]).toEqual(all)
        expect(told(prediction, lastPosition(prediction))).toEqual([])
        expect(all.at(-1)?.position ?? 0).toBeLessThanOrEqual(lastPosition(prediction))
      },
    ),
  )
})

test("a character that a model cut in two arrives whole, whenever its halves do", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-composite" }), fc.array(fc.nat(20)), (text, cuts) => {
      const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b)
      const parts = [0, ...places].map((from, n) => text.slice(from, places[n] ?? text.length))
      let position = 0
      let heard = ""
      for (let n = 1; n <= parts.length; n++)
        for (const event of told(
          { output: parts.slice(0, n), status: n === parts.length ? "succeeded" : "processing" },
          position,
        )) {
          position = event.position
          if (event.event === "output") heard += Buffer.from(event.data).toString()
        }
      expect(heard).toBe(text)
    }),
  )
})

test("an event is written with its id, and every line of its data", () => {
  const begun = "2023-07-25T11:51:32.000000Z"
  expect(eventInWire({ position: 3, event: "output", data: "a\nb\r\nc\rd\n" }, begun)).toBe(
    "event: output\nid: 1690285892:3\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \n\n",
  )
  expect(positionIn(idOf(3, begun))).toBe(3)
  for (const other of [undefined, "", "x", "1:", "1:-1", "1:99999999999", ":3"]) expect(positionIn(other)).toBe(0)
})
