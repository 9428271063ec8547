// Gives vitest's s3 project one temporary S3-compatible store for the whole run.
import { startS3 } from "../lib/test/s3.mjs"

/** @param {import("vitest/node").TestProject} project */
export default async function setup(project) {
  const store = await startS3()
  if (!store) throw new Error("Swift is not installed: these tests need Debian's package python3-swift.")
  project.provide("s3", store.env)
  return () => store.stop()
}
