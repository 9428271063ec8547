/**
 * Frees the memory of a written chunk immediately. Otherwise, the garbage collector runs about forty full collections
 * per gigabyte, which doubles the CPU time of an upload.
 */
export function releaseMemory({ buffer, byteLength }: Buffer) {
  // Other buffers may share the memory if this is a slice of a larger one.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength)
    (buffer as ArrayBuffer & { transfer(size: number): ArrayBuffer }).transfer(0)
}
