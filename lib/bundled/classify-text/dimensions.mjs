/** Dimensions of a word vector. */
export const dimensions = 16
