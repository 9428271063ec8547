import { Column, is, Param, Placeholder, SQL } from "drizzle-orm"
import type Database from "better-sqlite3"

/** Of a query that Drizzle has prepared for better-sqlite3, what its own `execute` goes by. */
type Prepared = {
  stmt: Database.Statement
  query: { params: unknown[] }
  fields?: { path: string[]; field: unknown }[]
}

/**
 * The same query, with everything settled that Drizzle finds out anew for each parameter and each column of each row: a third of what a
 * lookup by key costs. Queries whose rows are nested are answered as they are.
 */
export function settled<Q>(prepared: Q): Q {
  const { stmt, fields, query } = prepared as Prepared
  if (!stmt?.reader || !fields?.every(({ path }) => path.length === 1)) return prepared
  // A statement of its own, which the blank makes it: nobody else changes how it gives its rows.
  const statement = stmt.database.prepare(`${stmt.source} `).raw(true)
  const given = query.params.map(parameter)
  const columns = fields.map(({ path, field }) => ({ name: path[0]!, decode: decoderOf(field) }))

  const execute = async (values: Record<string, unknown> = {}) => {
    const parameters = given.map((value) => value(values))
    return (statement.all(...parameters) as unknown[][]).map((row) => {
      const shown: Record<string, unknown> = {}
      for (let n = 0; n < columns.length; n++) {
        const { name, decode } = columns[n]!
        const value = row[n]
        shown[name] = value === null ? null : decode(value)
      }
      return shown
    })
  }
  return { execute } as Q
}

function parameter(parameter: unknown): (values: Record<string, unknown>) => unknown {
  if (is(parameter, Param) && is(parameter.value, Placeholder)) {
    const value = named(parameter.value)
    return (values) => parameter.encoder.mapToDriverValue(value(values))
  }
  return is(parameter, Placeholder) ? named(parameter) : () => parameter
}

const named =
  ({ name }: Placeholder) =>
  (values: Record<string, unknown>) => {
    if (!(name in values)) throw new Error(`No value for placeholder "${name}" was provided`)
    return values[name]
  }

type Decoder = { mapFromDriverValue(value: unknown): unknown }

function decoderOf(field: unknown): (value: unknown) => unknown {
  const decoder = (is(field, Column) ? field : is(field, SQL) ? Reflect.get(field, "decoder") : Reflect.get(Reflect.get(field as object, "sql"), "decoder")) as Decoder
  // Most columns are kept as they are.
  return decoder.mapFromDriverValue === Column.prototype.mapFromDriverValue ? (value) => value : (value) => decoder.mapFromDriverValue(value)
}
