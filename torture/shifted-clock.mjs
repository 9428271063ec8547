// For machines without libfaketime: shifts only Date, by the number of milliseconds in the file.
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
