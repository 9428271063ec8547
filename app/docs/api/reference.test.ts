import { execFileSync } from "node:child_process"
import { describe, expect, test } from "vitest"

import { buildApi } from "@/app/v1/api"
import { curlOf, type Document, type Operation, sectionsOf } from "./reference"

const api = await buildApi()
const document = api.swagger() as Document
const operations = sectionsOf(document).flatMap((section) => section.operations)
const example = { owner: "alice", origin: "https://models.example.com" }
const named = (id: string) => operations.find((operation) => operation.id === id)!

test("every operation of the document is shown once, under a tag, with a summary", () => {
  const written = Object.entries(document.paths!).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(written.sort())
  expect(sectionsOf(document).map(({ tag }) => tag)).not.toContain("Other")
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
})

test("no field is shown without a type", () => {
  const unnamed = operations.flatMap(({ id, fields, answers }) =>
    [...fields, ...answers.flatMap((answer) => answer.fields)]
      .filter(({ type }) => /any|undefined/.test(type))
      .map(({ name }) => `${id} ${name}`),
  )
  expect(unnamed).toEqual([])
})

describe("the request that is shown", () => {
  test("carries the viewer's host and account", () => {
    expect(curlOf(named("models.get"), example)).toContain("https://models.example.com/v1/models/alice/hotdog-detector")
  })

  test("of a create holds what is required, as JSON", () => {
    const body = /-d '(.*)'$/s.exec(curlOf(named("models.create"), example))![1]!
    expect(JSON.parse(body)).toEqual({
      owner: "alice",
      name: "hotdog-detector",
      visibility: "private",
      hardware: "gpu-t4",
    })
  })

  test.each(operations.map((operation): [string, Operation] => [operation.id, operation]))(
    "of %s is one that a shell understands",
    (_, operation) => {
      expect(() => execFileSync("bash", ["-n", "-c", curlOf(operation, example)])).not.toThrow()
      const shown = curlOf(operation, example)
      expect(shown).not.toContain("undefined")
      expect(shown.replace(/-d '.*'$/s, "")).not.toContain("{")
    },
  )
})
