// Where libfaketime is not to be had: Date alone is moved, by as many milliseconds as the file says.
import { readFileSync } from "node:fs"

const real = Date.now.bind(Date)
const control = process.env.UNDERSTUDY_CLOCK ?? ""
const RealDate = Date
const shifted = () => real() + Number(readFileSync(control, "utf8"))

globalThis.Date = /** @type {DateConstructor} */ (
  /** @type {unknown} */ (
    class extends RealDate {
      /** @param {...any} args */
      constructor(...args) {
        super(...(args.length === 0 ? [shifted()] : args))
      }
      static now() {
        return shifted()
      }
    }
  )
)
