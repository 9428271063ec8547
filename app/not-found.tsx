import { nothingHere, NothingHereText } from "./nothing-here"

export const metadata = nothingHere

/** For addresses that no page answers to. */
export default NothingHereText
