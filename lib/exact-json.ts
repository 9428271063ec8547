export { isNumeric, isWhole, numberOf, parseAsWritten, parseExactly, restoreNumbers } from "@/db/exact-json"
