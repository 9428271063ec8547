export { isNumeric, isWhole, numberOf, parseAsWritten, parseExactly } from "@/db/exact-json"
export { mostDigits, TooManyDigits, withIntegers, withMarks } from "@/db/exact-json"
