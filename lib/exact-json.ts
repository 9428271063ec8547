export { isNumeric, isWhole, numberOf, parseAsWritten, parseExactly, restoreNumbers } from "@/db/exact-json"
export { mostDigits, TooManyDigits } from "@/db/exact-json"
