/** A complaint to whoever asked for the prediction, such as a file that is no picture: its message says all, without a trace of the code. */
export class ModelError extends Error {}
