import type { ModelRef } from "./actions"

/** What tells an action which model its form is about. A bound action would do the same, but without scripts React waits for it for ever. */
export const hiddenFor = ({ owner, name }: ModelRef) => ({ model: `${owner}/${name}` })
