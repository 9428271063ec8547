// Gives one test file its own bucket, before anything reads the settings.
import { randomBytes } from "node:crypto"
import { inject } from "vitest"
import { makeBucket } from "../lib/test/s3.mjs"

const name = `test-${randomBytes(8).toString("hex")}`
const env = inject("s3")
await makeBucket(env, name)
Object.assign(process.env, env, { S3_BUCKET: name })
