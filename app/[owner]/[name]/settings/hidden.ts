import type { ModelRef } from "./actions"

/**
 * The hidden field that names the model. A bound action would do the same, but without scripts React never answers it.
 */
export const hiddenFor = ({ owner, name }: ModelRef) => ({ model: `${owner}/${name}` })
