import { listRunnerArchitectures } from "./store"

/** The architectures whose images can be run here, in the order of preference: amd64, which is what models are built for, and what runners are besides. */
export async function runnableArchitectures(): Promise<string[]> {
  return [...new Set(["amd64", ...(await listRunnerArchitectures())])]
}
