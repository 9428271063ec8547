import { compare, isCompatible, without } from "./compatibility"
import { fieldsIn, type Field, type Form, type Operation, type Output, type Shape } from "./form"

export type Change = {
  where: "input" | "output" | "training input" | "training output"
  /** The field's name; empty for the whole output. */
  name: string
  /** One sentence. */
  message: string
  /**
   * Whether the newer version refuses requests that the older one accepts, or returns output that callers of the older
   * one may not understand.
   */
  breaking: boolean
}

/** The maximum number of added or removed values to list. */
const maxNamed = 20
/** A value as part of a sentence. */
const longestValue = 200

/** The changes between two versions for a caller, breaking ones first. */
export function changesBetween(older: Form, newer: Form): Change[] {
  const changes = [...runChanges(older, newer), ...trainingChanges(older.training, newer.training)]
  return [...changes.filter(({ breaking }) => breaking), ...changes.filter(({ breaking }) => !breaking)]
}

function runChanges(older: Form, newer: Form): Change[] {
  const change = (message: string, breaking: boolean): Change[] => [{ where: "input", name: "", message, breaking }]
  if (older.trains_only && newer.trains_only) return []
  if (newer.trains_only) return change("The model can no longer be run, only trained.", true)
  if (older.trains_only) return change("The model can be run now.", false)
  return operationChanges(older, newer, "")
}

function trainingChanges(older: Operation | null, newer: Operation | null): Change[] {
  const change = (message: string, breaking: boolean): Change[] => [
    { where: "training input", name: "", message, breaking },
  ]
  if (!older || !newer)
    return older
      ? change("The model can no longer be trained.", true)
      : newer
        ? change("The model can be trained now.", false)
        : []
  return operationChanges(older, newer, "training ")
}

const operationChanges = (older: Operation, newer: Operation, kind: "" | "training "): Change[] => [
  ...inputChanges(older.inputs, newer.inputs).map((change) => ({ where: `${kind}input` as const, ...change })),
  ...outputChanges(older.output, newer.output).map((change) => ({ where: `${kind}output` as const, ...change })),
]

type Found = Omit<Change, "where">

function inputChanges(older: Field[], newer: Field[]): Found[] {
  const change = (name: string, message: string, breaking: boolean): Found => ({ name, message, breaking })
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
  if (old.required !== now.required) found.push([now.required ? "is now required." : "is now optional.", now.required])
  if (old.default !== now.default && !now.required && !old.required)
    found.push([`defaults to ${inWords(now.default)} instead of ${inWords(old.default)}.`, false])
  if (!old.deprecated && now.deprecated) found.push(["is deprecated.", false])
  return [...valueChanges(old, now), ...found]
}

/** The changes in accepted values. */
function valueChanges(old: Shape, now: Shape): [message: string, breaking: boolean][] {
  const narrower = !isCompatible(old, now)
  const found: [string, boolean][] = []
  if (old.type !== now.type)
    found.push([`accepts ${now.type} instead of ${old.type}.`, !isCompatible(unbounded(old), unbounded(now))])
  if (old.options && now.options) {
    const [had, has] = [new Set(old.options), new Set(now.options)]
    const [gone, added] = [old.options.filter((one) => !has.has(one)), now.options.filter((one) => !had.has(one))]
    if (gone.length) found.push([`no longer accepts ${named(gone)}.`, true])
    if (added.length) found.push([`takes ${named(added)} too.`, false])
  }
  for (const [bound, unit, higher] of bounds)
    if (textOfBound(old, bound) !== textOfBound(now, bound))
      found.push([
        `has ${textOfBound(now, bound) ?? `no ${higher ? "minimum" : "maximum"}`}${unit} (was ${old[bound] === undefined ? "none" : (exclusiveOf(old, bound) ?? old[bound])}).`,
        now[bound] !== undefined &&
          (old[bound] === undefined ||
            (higher ? 1 : -1) * compare(now[bound], old[bound]) > 0 ||
            exclusiveOf(now, bound) !== undefined),
      ])
  if (old.pattern !== now.pattern)
    found.push([
      now.pattern === undefined ? "need not match a pattern." : `has to match ${shortened(now.pattern)}.`,
      now.pattern !== undefined,
    ])
  if (old.nullable !== now.nullable)
    found.push([now.nullable ? "takes null too." : "no longer accepts null.", !now.nullable])

  // A breaking message counts only if fewer values are accepted overall; a difference without a message gets a general
  // one.
  const told = found.map(([message, breaking]): [string, boolean] => [message, breaking && narrower])
  if (narrower && !told.some(([, breaking]) => breaking)) told.push(["takes less than before.", true])
  if (!narrower && told.length === 0 && !isCompatible(now, old)) told.push(["takes more than before.", false])
  return told
}

const bounds = [
  ["min", "", true],
  ["max", "", false],
  ["shortest", " in length", true],
  ["longest", " in length", false],
] as const
type Bound = (typeof bounds)[number][0]

const unbounded = (shape: Shape): Shape =>
  without(shape, "min", "max", "above", "below", "shortest", "longest", "pattern")

/** "above 3", if the bound is exclusive. */
const exclusiveOf = (shape: Shape, bound: Bound): string | undefined =>
  bound === "min" && shape.above
    ? `above ${shape.min}`
    : bound === "max" && shape.below
      ? `below ${shape.max}`
      : undefined

const textOfBound = (shape: Shape, bound: Bound): string | undefined =>
  shape[bound] === undefined
    ? undefined
    : `a ${bound === "min" || bound === "shortest" ? "minimum" : "maximum"} ${exclusiveOf(shape, bound) ?? `of ${shape[bound]}`}`

const inWords = (value: string | undefined) => (value === undefined ? "nothing" : shortened(value))

const shortened = (value: string) => (value.length <= longestValue ? value : `${value.slice(0, longestValue - 1)}…`)

function named(values: string[]): string {
  const shown = values.slice(0, maxNamed).map(shortened).join(", ")
  return values.length > maxNamed ? `${shown} and ${values.length - maxNamed} more` : shown
}

function outputChanges(old: Output, now: Output): Found[] {
  const change = (name: string, message: string, breaking: boolean): Found => ({ name, message, breaking })
  const [before, after] = [partsOf(old), partsOf(now)]
  return [
    ...(old.type === now.type
      ? []
      : [change("", `is ${now.type} instead of ${old.type}.`, !isReadAs(withoutFields(now), withoutFields(old)))]),
    ...(old.arrives === now.arrives ? [] : [change("", `arrives ${now.arrives} instead of ${old.arrives}.`, false)]),
    ...(old.type === now.type && before.size === 0
      ? readingChanges(old, now).map(([message, breaking]) => change("", message, breaking))
      : []),
    ...[...before.values()].flatMap((field) => {
      const still = after.get(field.name)
      if (!still) return [change(field.name, "was removed.", true)]
      return partChanges(field, still).map(([message, breaking]) => change(field.name, message, breaking))
    }),
    ...[...after.values()]
      .filter(({ name }) => !before.has(name))
      .map(({ name, type }) => change(name, `is new: ${type}.`, false)),
  ]
}

function partChanges(old: Field, now: Field): [message: string, breaking: boolean][] {
  const found: [string, boolean][] =
    old.type === now.type ? readingChanges(old, now) : [[`is ${now.type} instead of ${old.type}.`, !isReadAs(now, old)]]
  if (old.required && !now.required) found.push(["may be missing now.", true])
  return found
}

/** The changes in returned values of one type. */
function readingChanges(old: Shape, now: Shape): [message: string, breaking: boolean][] {
  const known = new Set(old.options)
  const added = (now.options ?? []).filter((one) => !known.has(one))
  const found: [string, boolean][] = added.length ? [[`may be ${named(added)} too.`, true]] : []
  if (now.nullable && !old.nullable) found.push(["may be null now.", true])
  if (found.length === 0 && !isReadAs(now, old)) found.push(["may be something that it was not before.", true])
  return found
}

/** Whether readers of the old shape can read the new one. Size limits do not matter to readers. */
const isReadAs = (now: Shape, old: Shape) => isCompatible(anySize(now), anySize(old), "reading")

function anySize(shape: Shape): Shape {
  const { items, variants, fields, ...rest } = unbounded(shape)
  return {
    ...rest,
    ...(items && { items: anySize(items) }),
    ...(variants && { variants: variants.map(anySize) }),
    ...(fields && { fields: fields.map((field) => ({ ...field, ...anySize(field) })) }),
  }
}

/** Fields of an output are compared one by one. */
const withoutFields = (shape: Shape): Shape => ({
  ...without(shape, "fields"),
  ...(shape.items && { items: withoutFields(shape.items) }),
})

const partsOf = (output: Output) => new Map(fieldsIn(output).map((field) => [field.name, field]))
