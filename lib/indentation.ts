/**
 * The length of JSON text indented by two spaces per level. Deep nesting can make it a hundred times longer.
 */
export function indentedLength(json: string): number {
  let [length, depth] = [0, 0]
  for (let at = 0; at < json.length; at++) {
    const one = json[at]
    length++
    if (one === '"') {
      const began = at
      while (json[++at] !== '"' && at < json.length) if (json[at] === "\\") at++
      length += at - began
    } else if (one === "[" || one === "{") {
      depth++
      if (json[at + 1] !== "]" && json[at + 1] !== "}") length += 1 + 2 * depth
    } else if (one === "]" || one === "}") {
      depth--
      if (json[at - 1] !== "[" && json[at - 1] !== "{") length += 1 + 2 * depth
    } else if (one === ",") length += 1 + 2 * depth
    else if (one === ":") length++
  }
  return length
}

/** Whether JSON text is nested so deeply that indentation would be most of it. */
export const isTooNested = (json: string): boolean => indentedLength(json) > 4 * json.length + 100_000
