// Without one of its own, Next would take the product's.
export function register() {}
