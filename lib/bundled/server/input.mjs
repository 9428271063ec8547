// Validates input as Cog's Python server does: values are coerced to the declared type, and errors use pydantic's
// wording.

/**
 * The input with defaults filled in, or all validation errors. Unknown names are dropped.
 * @param {any} schemas `components.schemas` of the model's document @param {string} name `Input` or `TrainingInput`
 */
export function readInput(schemas, name, given) {
  const { properties, required = [] } = schemas[name]
  const input = {}
  const detail = []
  for (const [key, property] of Object.entries(properties)) {
    const loc = ["body", "input", key]
    const value = given?.[key]
    const isRequired = required.includes(key)
    if (value === undefined && isRequired) {
      detail.push({ loc, msg: "field required", type: "value_error.missing" })
    } else if (value === undefined || (value === null && !isRequired && property.default === undefined)) {
      input[key] = property.default ?? null
    } else {
      const read = reader(schemas, detail)(property, value, loc)
      if (read !== refused) input[key] = read
    }
  }
  return detail.length > 0 ? { detail } : { input }
}

const refused = Symbol("refused")
const truths = { true: true, 1: true, on: true, yes: true, t: true, y: true }
const falsehoods = { false: false, 0: false, off: false, no: false, f: false, n: false }

const reader = (schemas, detail) =>
  function read(property, value, loc) {
    const refuse = (msg, type, ctx) => {
      detail.push({ loc, msg, type, ...(ctx && { ctx }) })
      return refused
    }
    if (value === null) return refuse("none is not an allowed value", "type_error.none.not_allowed")
    const choices = property.enum ?? schemas[property.allOf?.[0].$ref.split("/").at(-1)]?.enum
    if (choices) {
      if (choices.includes(value)) return value
      const permitted = choices.map((choice) => (typeof choice === "string" ? `'${choice}'` : choice)).join(", ")
      return refuse(`value is not a valid enumeration member; permitted: ${permitted}`, "type_error.enum", {
        enum_values: choices,
      })
    }
    if (property.anyOf) {
      const kind = kindOf(value)
      const fitting = property.anyOf.find(({ type }) => type === kind || (type === "number" && kind === "integer"))
      return read(fitting ?? property.anyOf[0], value, loc)
    }
    switch (property.type) {
      case "boolean": {
        const word = String(value).toLowerCase()
        return truths[word] ?? falsehoods[word] ?? refuse("value could not be parsed to a boolean", "type_error.bool")
      }
      case "integer":
      case "number": {
        const whole = property.type === "integer"
        const number = typeof value === "string" && value.trim() === "" ? NaN : Number(value)
        const readable = ["number", "string", "boolean"].includes(typeof value) && Number.isFinite(number)
        if (!readable || (whole && typeof value === "string" && !Number.isInteger(number)))
          return refuse(
            `value is not a valid ${whole ? "integer" : "float"}`,
            `type_error.${whole ? "integer" : "float"}`,
          )
        const result = whole ? Math.trunc(number) : number
        const limit = (words, type, limit_value) =>
          refuse(`ensure this value is ${words} than or equal to ${limit_value}`, type, { limit_value })
        if (result < property.minimum) return limit("greater", "value_error.number.not_ge", property.minimum)
        if (result > property.maximum) return limit("less", "value_error.number.not_le", property.maximum)
        return result
      }
      case "array":
        if (!Array.isArray(value)) return refuse("value is not a valid list", "type_error.list")
        return value.map((item, at) => read(property.items, item, [...loc, at]))
      case "object":
        return kindOf(value) === "object" ? value : refuse("value is not a valid dict", "type_error.dict")
      case "string":
        return readText(property, value, refuse)
      default:
        return value
    }
  }

function readText(property, value, refuse) {
  if (typeof value === "object") return refuse("str type expected", "type_error.str")
  const text = String(value)
  const characters = [...text].length
  const limit = (words, type, limit_value) =>
    refuse(`ensure this value has at ${words} ${limit_value} characters`, `value_error.any_str.${type}`, {
      limit_value,
    })
  if (characters < property.minLength) return limit("least", "min_length", property.minLength)
  if (characters > property.maxLength) return limit("most", "max_length", property.maxLength)
  if (property.pattern && !new RegExp(property.pattern, "u").test(text))
    return refuse(`string does not match regex "${property.pattern}"`, "value_error.str.regex", {
      pattern: property.pattern,
    })
  const scheme = /^(\w[\w+.-]*):/.exec(text)?.[1] ?? ""
  if (property.format === "uri" && !["data", "http", "https"].includes(scheme))
    return refuse(`'${scheme}' is not a valid URL scheme. 'data', 'http', or 'https' is supported.`, "value_error")
  return text
}

const kindOf = (value) => {
  if (Array.isArray(value)) return "array"
  if (Number.isInteger(value)) return "integer"
  return typeof value
}
