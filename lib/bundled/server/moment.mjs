/** A timestamp in Python's format. @param {Date} at */
export const momentOf = (at = new Date()) =>
  at.toISOString().replace(/(\.000)?Z$/, (_, whole) => (whole ? "" : "000") + "+00:00")
