/** An error caused by the request, such as an invalid image: clients see its message without a stack trace. */
export class ModelError extends Error {}
