/** The most that a single request may cost, in milliseconds of CPU time. */
export const maxCpuMs = 1000

/** CPU time of the whole process, including threads, in milliseconds; unlike a clock, independent of other load. */
export async function spent<T>(work: () => T | Promise<T>): Promise<{ value: T; ms: number }> {
  const before = process.cpuUsage()
  const value = await work()
  const { user, system } = process.cpuUsage(before)
  return { value, ms: (user + system) / 1000 }
}
