/**
 * Gives the memory of a written chunk back at once. Left to the garbage collector, a gigabyte costs some forty collections of the whole
 * heap and as much processor time as everything else about it.
 */
export function releaseMemory({ buffer, byteLength }: Buffer) {
  // One that is a part of a larger memory is not ours alone.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength)
    (buffer as ArrayBuffer & { transfer(size: number): ArrayBuffer }).transfer(0)
}
