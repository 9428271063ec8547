export { findDestination, lockDestination } from "./destination-store"
