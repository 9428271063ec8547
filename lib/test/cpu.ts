/** How many milliseconds of CPU time `work` takes in this process; unlike a clock, independent of other load. */
export async function cpuMsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** What a single request may cost, in milliseconds of CPU time. */
export const maxCpuMs = 1000
