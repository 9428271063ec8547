export { findDestination, findDestinationNow, type Destination } from "./destination-store"
