import { inputsOf, outputOf, type Field } from "./fields"

export type Change = {
  where: "input" | "output"
  /** The field's name; empty for the output as a whole. */
  name: string
  /** A sentence. */
  message: string
  /** Whether a caller that worked with the older version may not work with the newer one. */
  breaking: boolean
}

/** What is different for a caller between two versions' schemas, what breaks callers first. */
export function changesBetween(older: unknown, newer: unknown): Change[] {
  const changes = [...inputChanges(inputsOf(older), inputsOf(newer)), ...outputChanges(older, newer)]
  return [...changes.filter(({ breaking }) => breaking), ...changes.filter(({ breaking }) => !breaking)]
}

function inputChanges(older: Field[], newer: Field[]): Change[] {
  const change = (name: string, message: string, breaking: boolean): Change => ({
    where: "input",
    name,
    message,
    breaking,
  })
  const before = new Map(older.map((field) => [field.name, field]))
  const now = new Set(newer.map(({ name }) => name))
  return [
    ...older.filter(({ name }) => !now.has(name)).map(({ name }) => change(name, "is gone.", true)),
    ...newer.flatMap((field) => {
      const old = before.get(field.name)
      if (!old)
        return [
          change(
            field.name,
            field.required ? `is new and required: ${field.type}.` : `is new: ${field.type}.`,
            field.required,
          ),
        ]
      return fieldChanges(old, field).map(([message, breaking]) => change(field.name, message, breaking))
    }),
  ]
}

function fieldChanges(old: Field, now: Field): [message: string, breaking: boolean][] {
  const found: [string, boolean][] = []
  if (old.type !== now.type)
    found.push([
      `takes ${now.type} instead of ${old.type}.`,
      !(old.type === "whole number" && now.type === "number") && now.type !== "anything",
    ])
  if (old.required !== now.required)
    found.push([now.required ? "is required now." : "may be left out now.", now.required])
  if (old.default !== now.default && !now.required && !old.required)
    found.push([`is ${now.default ?? "nothing"} when left out, which was ${old.default ?? "nothing"}.`, false])

  const [had, has] = [old.options ?? [], now.options ?? []]
  if (old.options && now.options) {
    const [gone, added] = [had.filter((option) => !has.includes(option)), has.filter((option) => !had.includes(option))]
    if (gone.length) found.push([`no longer takes ${gone.join(", ")}.`, true])
    if (added.length) found.push([`takes ${added.join(", ")} too.`, false])
  }
  for (const [low, high, unit] of [
    ["min", "max", ""],
    ["shortest", "longest", " in length"],
  ] as const) {
    if (old[low] !== now[low])
      found.push([
        `has ${now[low] === null ? "no least" : `a least of ${now[low]}`}${unit}, which was ${old[low] ?? "open"}.`,
        now[low] !== null && (old[low] === null || now[low] > old[low]),
      ])
    if (old[high] !== now[high])
      found.push([
        `has ${now[high] === null ? "no most" : `a most of ${now[high]}`}${unit}, which was ${old[high] ?? "open"}.`,
        now[high] !== null && (old[high] === null || now[high] < old[high]),
      ])
  }
  if (!old.deprecated && now.deprecated) found.push(["is deprecated.", false])
  return found
}

function outputChanges(older: unknown, newer: unknown): Change[] {
  const [old, now] = [outputOf(older), outputOf(newer)]
  const change = (name: string, message: string, breaking: boolean): Change => ({
    where: "output",
    name,
    message,
    breaking,
  })
  const after = new Map(now.fields.map((field) => [field.name, field]))
  return [
    ...(old.type === now.type ? [] : [change("", `is ${now.type} instead of ${old.type}.`, old.type !== "anything")]),
    ...(old.arrives === now.arrives ? [] : [change("", `arrives ${now.arrives} instead of ${old.arrives}.`, false)]),
    ...old.fields.flatMap((field) => {
      const still = after.get(field.name)
      if (!still) return [change(field.name, "is gone.", true)]
      return still.type === field.type ? [] : [change(field.name, `is ${still.type} instead of ${field.type}.`, true)]
    }),
    ...now.fields
      .filter(({ name }) => !old.fields.some((field) => field.name === name))
      .map(({ name, type }) => change(name, `is new: ${type}.`, false)),
  ]
}
