/** Whether everybody may see a model, for others that refer to it by its ID. */
export { isPublic } from "./name-store"
