/** Numbers that stand for a word. */
export const dimensions = 16
