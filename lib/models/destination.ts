export { findDestination, type Destination } from "./destination-store"
