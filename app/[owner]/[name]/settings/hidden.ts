import type { ModelRef } from "./actions"

/** The hidden field that names the model. Bound actions do not work without scripts. */
export const hiddenFor = ({ owner, name }: ModelRef) => ({ model: `${owner}/${name}` })
