import Big from "big.js"

import { fieldsIn, type Field, type Form, type Output } from "./form"

export type Change = {
  where: "input" | "output"
  /** The field's name; empty for the output as a whole. */
  name: string
  /** A sentence. */
  message: string
  /** Whether a caller that worked with the older version may not work with the newer one. */
  breaking: boolean
}

/** Of values that came or went, as many as anybody reads. */
const mostNamed = 20
/** A value in a sentence. */
const longestValue = 200

/** What is different for a caller between two versions, what breaks callers first. */
export function changesBetween(older: Form, newer: Form): Change[] {
  const changes = [...inputChanges(older.inputs, newer.inputs), ...outputChanges(older.output, newer.output)]
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
    ...older.filter(({ name }) => !now.has(name)).map(({ name }) => change(name, "was removed.", true)),
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
      !(old.kind === "integer" && now.kind === "number") && now.kind !== "any",
    ])
  if (old.required !== now.required) found.push([now.required ? "is now required." : "is now optional.", now.required])
  if (old.default !== now.default && !now.required && !old.required)
    found.push([`defaults to ${inWords(now.default)} instead of ${inWords(old.default)}.`, false])

  if (old.options && now.options) {
    const [had, has] = [new Set(old.options), new Set(now.options)]
    const [gone, added] = [old.options.filter((one) => !has.has(one)), now.options.filter((one) => !had.has(one))]
    if (gone.length) found.push([`no longer accepts ${named(gone)}.`, true])
    if (added.length) found.push([`takes ${named(added)} too.`, false])
  }
  for (const [low, high, unit] of [
    ["min", "max", ""],
    ["shortest", "longest", " in length"],
  ] as const) {
    if (old[low] !== now[low])
      found.push([
        `has ${now[low] === undefined ? "no minimum" : `a minimum of ${now[low]}`}${unit} (was ${old[low] ?? "none"}).`,
        now[low] !== undefined && (old[low] === undefined || compared(now[low], old[low]) > 0),
      ])
    if (old[high] !== now[high])
      found.push([
        `has ${now[high] === undefined ? "no maximum" : `a maximum of ${now[high]}`}${unit} (was ${old[high] ?? "none"}).`,
        now[high] !== undefined && (old[high] === undefined || compared(now[high], old[high]) < 0),
      ])
  }
  if (!old.deprecated && now.deprecated) found.push(["is deprecated.", false])
  return found
}

const inWords = (value: string | undefined) => (value === undefined ? "nothing" : shortened(value))

const shortened = (value: string) => (value.length <= longestValue ? value : `${value.slice(0, longestValue - 1)}…`)

function named(values: string[]): string {
  const shown = values.slice(0, mostNamed).map(shortened).join(", ")
  return values.length > mostNamed ? `${shown} and ${values.length - mostNamed} more` : shown
}

/** Exactly, because bounds may be larger than JavaScript can count. */
const compared = (one: string | number, other: string | number) => new Big(one).cmp(other)

function outputChanges(old: Output, now: Output): Change[] {
  const change = (name: string, message: string, breaking: boolean): Change => ({
    where: "output",
    name,
    message,
    breaking,
  })
  const [before, after] = [partsOf(old), partsOf(now)]
  return [
    ...(old.type === now.type ? [] : [change("", `is ${now.type} instead of ${old.type}.`, old.kind !== "any")]),
    ...(old.arrives === now.arrives ? [] : [change("", `arrives ${now.arrives} instead of ${old.arrives}.`, false)]),
    ...[...before.values()].flatMap((field) => {
      const still = after.get(field.name)
      if (!still) return [change(field.name, "was removed.", true)]
      return still.type === field.type ? [] : [change(field.name, `is ${still.type} instead of ${field.type}.`, true)]
    }),
    ...[...after.values()]
      .filter(({ name }) => !before.has(name))
      .map(({ name, type }) => change(name, `is new: ${type}.`, false)),
  ]
}

const partsOf = (output: Output) => new Map(fieldsIn(output).map((field) => [field.name, field]))
