import { Readable } from "node:stream"
import { expect, test } from "vitest"

import { env } from "@/env"
import { openBucket, configuredBucket, bucketConfig, type BucketConfig } from "./bucket"

const reach = bucketConfig()!
const aBucket = (fields: Partial<BucketConfig> = {}) => openBucket({ ...reach, ...fields })

test("a bucket that can be read and written passes both checks, and nothing stays of the question", async () => {
  expect([await aBucket().checkWritable(), await aBucket().checkReadable()]).toEqual([null, null])
  for await (const { key } of aBucket().list("probe")) expect(key).toBeUndefined()
})

test.each<[string, Partial<BucketConfig>, string]>([
  [
    "that is not there",
    { bucket: "another-one" },
    `There is no bucket another-one at ${reach.endpoint}. Create it, or correct S3_BUCKET.`,
  ],
  [
    "whose secret is wrong",
    { secret: "wrong" },
    `${reach.endpoint} rejects the credentials (SignatureDoesNotMatch). Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.`,
  ],
  [
    "whose key nobody knows",
    { key: "tests:nobody" },
    `${reach.endpoint} rejects the credentials (SignatureDoesNotMatch). Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.`,
  ],
  [
    "where nothing listens",
    { endpoint: "http://127.0.0.1:9" },
    "http://127.0.0.1:9 cannot be reached (ECONNREFUSED). Check S3_ENDPOINT and that the store is running.",
  ],
  [
    "whose region is another",
    { region: "eu-west-9" },
    `The bucket ${reach.bucket} is not in the region eu-west-9. Correct S3_REGION.`,
  ],
])("a bucket %s is described in a sentence that says what to do", async (_, fields, sentence) => {
  expect(await aBucket(fields).checkWritable()).toBe(sentence)
  expect(await aBucket(fields).checkReadable()).toBe(sentence)
})

test("a list goes on over pages, and an object that is not there is null", async () => {
  const bucket = configuredBucket()!
  let next = 0
  const lane = async () => {
    while (next < 1005) await bucket.put(`many/${String(next++).padStart(4, "0")}`, Buffer.from([7]))
  }
  await Promise.all(Array.from({ length: 8 }, lane))
  let count = 0
  for await (const { key, size } of bucket.list("many/"))
    expect([key, size]).toEqual([`many/${String(count++).padStart(4, "0")}`, 1])
  expect(count).toBe(1005)
  expect([await bucket.read("none"), await bucket.sizeOf("none"), await bucket.parts("none", "none")]).toEqual([
    null,
    null,
    null,
  ])
  expect(await bucket.read("many/0007")).toBeInstanceOf(Readable)
}, 300_000)

test("whoever sets another bucket gets another", () => {
  const before = configuredBucket()
  expect(configuredBucket()).toBe(before)
  env.S3_BUCKET = undefined
  expect(configuredBucket()).toBeNull()
  env.S3_BUCKET = reach.bucket
})
