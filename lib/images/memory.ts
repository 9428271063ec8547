/**
 * Frees the memory of a written chunk immediately. Left to the garbage collector, a gigabyte costs about forty full
 * collections, and as much CPU time as everything else about it.
 */
export function releaseMemory({ buffer, byteLength }: Buffer) {
  // A slice of a larger buffer is shared.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength)
    (buffer as ArrayBuffer & { transfer(size: number): ArrayBuffer }).transfer(0)
}
