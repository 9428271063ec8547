// Without this file, Next would load the product's.
export function register() {}
