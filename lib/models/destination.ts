export { findDestination, lockDestination, type Destination } from "./destination-store"
