import { nothingHere, NothingHereText } from "./nothing-here"

export const metadata = nothingHere

/** For addresses without a page. */
export default NothingHereText
