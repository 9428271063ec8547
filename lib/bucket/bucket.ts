import { Readable } from "node:stream"
import type { ListMultipartUploadsCommandOutput, S3Client } from "@aws-sdk/client-s3"

import { env } from "@/env"

type Sdk = typeof import("@aws-sdk/client-s3")

/** How a bucket is reached. Without a key, with what the machine was given for Amazon. */
export type Reach = {
  bucket: string
  endpoint?: string
  region: string
  key?: string
  secret?: string
  pathStyle: boolean
}

/** One part of an object that is sent in pieces. */
export type Part = { number: number; etag: string; size: number; written_at: Date }

/** The bucket did not do what it was asked. `asProblem` knows it by its code. */
export class BucketError extends Error {
  override name = "BucketError"
  readonly code = "BUCKET"
}

/** The bucket of these settings; null where files lie on the disk. */
export function reachOf({
  S3_BUCKET,
  S3_ENDPOINT,
  S3_REGION,
  S3_ACCESS_KEY_ID,
  S3_SECRET_ACCESS_KEY,
  S3_FORCE_PATH_STYLE,
} = env): Reach | null {
  if (!S3_BUCKET) return null
  const pathStyle = S3_FORCE_PATH_STYLE === undefined ? S3_ENDPOINT !== undefined : S3_FORCE_PATH_STYLE === "1"
  return {
    bucket: S3_BUCKET,
    endpoint: S3_ENDPOINT,
    region: S3_REGION,
    key: S3_ACCESS_KEY_ID,
    secret: S3_SECRET_ACCESS_KEY,
    pathStyle,
  }
}

const slotKey = Symbol.for("understudy.bucket")
const slot = globalThis as typeof globalThis & { [slotKey]?: { reach: string; bucket: Bucket } }

/** Where this instance keeps files: one client a process, whichever bundle asks for it. Null where they lie on the disk. */
export function ownBucket(): Bucket | null {
  const reach = reachOf()
  if (!reach) return null
  const said = JSON.stringify(reach)
  if (slot[slotKey]?.reach !== said) slot[slotKey] = { reach: said, bucket: openBucket(reach) }
  return slot[slotKey]!.bucket
}

export type Bucket = ReturnType<typeof openBucket>

/** A bucket of anything that speaks S3. Nothing is loaded and nobody is asked before the first use. */
export function openBucket(reach: Reach) {
  const Bucket = reach.bucket
  let opened: Promise<{ sdk: Sdk; client: S3Client }> | undefined

  async function open() {
    const sdk = await import("@aws-sdk/client-s3")
    const client = new sdk.S3Client({
      region: reach.region,
      endpoint: reach.endpoint,
      forcePathStyle: reach.pathStyle,
      credentials: reach.key && reach.secret ? { accessKeyId: reach.key, secretAccessKey: reach.secret } : undefined,
      // Amazon's newer checksums are not understood everywhere. What is sent is signed with its SHA-256, which every store checks.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      // A slow reader holds a connection for as long as it reads.
      requestHandler: {
        connectionTimeout: 5000,
        requestTimeout: 300_000,
        throwOnRequestTimeout: true,
        httpAgent: { maxSockets: 1000 },
        httpsAgent: { maxSockets: 1000 },
      },
      followRegionRedirects: true,
    })
    return { sdk, client }
  }

  /** `gone` is what the answer comes to when there is no such object or upload. */
  async function ask<T, G = never>(question: (sdk: Sdk, client: S3Client) => Promise<T>, gone?: G): Promise<T | G> {
    const { sdk, client } = await (opened ??= open())
    try {
      return await question(sdk, client)
    } catch (error) {
      if (gone !== undefined && isGone(error)) return gone
      throw new BucketError(sentenceOf(error, reach), { cause: error })
    }
  }

  return {
    async put(Key: string, Body: Uint8Array): Promise<void> {
      await ask((sdk, client) => client.send(new sdk.PutObjectCommand({ Bucket, Key, Body })))
    },

    /** Null when there is no such object. */
    read: (Key: string, span?: { start: number; end: number }): Promise<Readable | null> =>
      ask(async (sdk, client) => {
        const { Body } = await client.send(
          new sdk.GetObjectCommand({ Bucket, Key, Range: span && `bytes=${span.start}-${span.end}` }),
        )
        return Body as Readable
      }, null),

    /** Null when there is no such object. */
    sizeOf: (Key: string): Promise<number | null> =>
      ask(
        async (sdk, client) => (await client.send(new sdk.HeadObjectCommand({ Bucket, Key }))).ContentLength ?? 0,
        null,
      ),

    async remove(Key: string): Promise<void> {
      await ask((sdk, client) => client.send(new sdk.DeleteObjectCommand({ Bucket, Key })), null)
    },

    async *list(Prefix: string): AsyncGenerator<{ key: string; size: number; written_at: Date }> {
      let ContinuationToken: string | undefined
      do {
        const page = await ask((sdk, client) =>
          client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix, ContinuationToken })),
        )
        for (const { Key, Size, LastModified } of page.Contents ?? [])
          yield { key: Key!, size: Size ?? 0, written_at: LastModified ?? new Date(0) }
        ContinuationToken = page.NextContinuationToken
      } while (ContinuationToken)
    },

    /** Begins an object that is sent in parts and answers the id to go on with. It appears when it is completed. */
    begin: (Key: string): Promise<string> =>
      ask(async (sdk, client) => (await client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key }))).UploadId!),

    /** Sends a part, of at least 5 MiB unless it is the last, and answers its tag. */
    send: (Key: string, UploadId: string, PartNumber: number, Body: Uint8Array): Promise<string> =>
      ask(
        async (sdk, client) =>
          (await client.send(new sdk.UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }))).ETag!,
      ),

    /** The parts that were sent, in order; null when there is no such upload. */
    parts: (Key: string, UploadId: string): Promise<Part[] | null> =>
      ask(async (sdk, client) => {
        const parts: Part[] = []
        let PartNumberMarker: string | undefined
        do {
          const page = await client.send(new sdk.ListPartsCommand({ Bucket, Key, UploadId, PartNumberMarker }))
          for (const { PartNumber, ETag, Size, LastModified } of page.Parts ?? [])
            parts.push({ number: PartNumber!, etag: ETag!, size: Size ?? 0, written_at: LastModified ?? new Date(0) })
          PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined
        } while (PartNumberMarker)
        return parts
      }, null),

    /** Makes the object out of the parts with these tags. False when there is no such upload, for instance because it was completed before. */
    complete: (Key: string, UploadId: string, tags: string[]): Promise<boolean> =>
      ask(async (sdk, client) => {
        const Parts = tags.map((ETag, n) => ({ PartNumber: n + 1, ETag }))
        await client.send(new sdk.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }))
        return true
      }, false),

    async abort(Key: string, UploadId: string): Promise<void> {
      await ask((sdk, client) => client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId })), null)
    },

    /** Objects that were begun in parts and neither completed nor aborted. */
    unfinished: (Prefix: string): Promise<{ key: string; upload: string; begun_at: Date }[]> =>
      ask(async (sdk, client) => {
        const found: { key: string; upload: string; begun_at: Date }[] = []
        let after: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}
        while (after) {
          const page: ListMultipartUploadsCommandOutput = await client.send(
            new sdk.ListMultipartUploadsCommand({ Bucket, Prefix, ...after }),
          )
          for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
            found.push({ key: Key!, upload: UploadId!, begun_at: Initiated ?? new Date() })
          after = page.IsTruncated
            ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
            : undefined
        }
        return found
      }),

    /** Null when the bucket may be read and written; what is wrong otherwise, in a sentence for the operator. */
    async checkWritable(): Promise<string | null> {
      const Key = `probe-${process.pid}`
      try {
        await ask((sdk, client) => client.send(new sdk.ListObjectsV2Command({ Bucket, MaxKeys: 1 })))
        await ask((sdk, client) => client.send(new sdk.PutObjectCommand({ Bucket, Key, Body: "This may be removed." })))
        await ask((sdk, client) => client.send(new sdk.DeleteObjectCommand({ Bucket, Key })))
        return null
      } catch (error) {
        return (error as Error).message
      }
    },

    /** Whether the bucket lets itself be read; what is wrong otherwise. It writes nothing and gives up soon. */
    async checkReadable(): Promise<string | null> {
      const ending = AbortSignal.timeout(3000)
      return ask((sdk, client) =>
        client.send(new sdk.ListObjectsV2Command({ Bucket, MaxKeys: 1 }), { abortSignal: ending }),
      ).then(
        () => null,
        (error: Error) => error.message,
      )
    },
  }
}

type SdkError = Error & { code?: string; $metadata?: { httpStatusCode?: number } }

const isGone = (error: unknown) => ["NoSuchKey", "NotFound", "NoSuchUpload"].includes((error as SdkError).name)

/** What is wrong, for the operator: the words of the SDK rarely say what to do. */
function sentenceOf(error: unknown, { bucket, endpoint = "Amazon S3", region }: Reach): string {
  const { name, message, code, $metadata } = error as SdkError
  if (name === "AbortError" || name === "TimeoutError")
    return `${endpoint} did not answer in time. Check S3_ENDPOINT, and that the store runs.`
  if (name === "NoSuchBucket" || (name === "NotFound" && $metadata?.httpStatusCode === 404))
    return `There is no bucket ${bucket} at ${endpoint}. Make it, or correct S3_BUCKET.`
  if (name === "CredentialsProviderError")
    return "There is no key to the bucket. Set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY."
  if (/SignatureDoesNotMatch|InvalidAccessKeyId/.test(name))
    return `${endpoint} refuses the key (${name}). Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.`
  if (name === "RequestTimeTooSkewed")
    return `The clock of this machine and that of ${endpoint} differ by too much. Set them right.`
  if ($metadata?.httpStatusCode === 403)
    return `${endpoint} does not let this key into the bucket ${bucket} (${name}). Allow it to list, read, write and delete there.`
  if ($metadata?.httpStatusCode === 301 || name === "AuthorizationHeaderMalformed")
    return `The bucket ${bucket} is in another region than ${region}. Correct S3_REGION.`
  if ($metadata?.httpStatusCode)
    return `${endpoint} answered ${$metadata.httpStatusCode}: ${message.replace(/\.$/, "")}.`
  return `${endpoint} cannot be reached (${code ?? (message || name)}). Check S3_ENDPOINT, and that the store runs.`
}
