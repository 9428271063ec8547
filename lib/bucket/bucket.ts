import { Readable } from "node:stream"
import type { ListMultipartUploadsCommandOutput, S3Client } from "@aws-sdk/client-s3"

import { env } from "@/env"

type Sdk = typeof import("@aws-sdk/client-s3")

/** How to connect to the bucket. Without a key, the default AWS credential chain is used. */
export type BucketConfig = {
  bucket: string
  endpoint?: string
  region: string
  key?: string
  secret?: string
  pathStyle: boolean
}

/** One part of a multipart upload. */
export type Part = { number: number; etag: string; size: number; written_at: Date }

/** A failed request to the bucket. `asProblem` recognizes it by its code. */
class BucketError extends Error {
  override name = "BucketError"
  readonly code = "BUCKET"
}

/** The bucket of these settings; null if files are stored on disk. */
export function bucketConfig({
  S3_BUCKET,
  S3_ENDPOINT,
  S3_REGION,
  S3_ACCESS_KEY_ID,
  S3_SECRET_ACCESS_KEY,
  S3_FORCE_PATH_STYLE,
} = env): BucketConfig | null {
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

/** The bucket of this installation: one client per process. Null if files are stored on disk. */
export function configuredBucket(): Bucket | null {
  const reach = bucketConfig()
  if (!reach) return null
  const said = JSON.stringify(reach)
  if (slot[slotKey]?.reach !== said) slot[slotKey] = { reach: said, bucket: openBucket(reach) }
  return slot[slotKey]!.bucket
}

export type Bucket = ReturnType<typeof openBucket>

/** Milliseconds in which the store must answer, or take some more of an upload. Requests are tried three times. */
const usualPatience = 30_000
/** Milliseconds in which it must have put the parts of an upload together. */
const assembly = 300_000

/** A bucket of any S3-compatible store. Nothing is loaded or requested before the first use. */
export function openBucket(reach: BucketConfig, patience = usualPatience) {
  const Bucket = reach.bucket
  let opened: Promise<{ sdk: Sdk; client: S3Client; uploader: S3Client }> | undefined

  async function open() {
    const sdk = await import("@aws-sdk/client-s3")
    // An upload may take as long as it likes if it proceeds, and so may a download, but that may also pause.
    return {
      sdk,
      client: connect(sdk, { requestTimeout: patience }),
      uploader: connect(sdk, { socketTimeout: patience }),
    }
  }

  const connect = (sdk: Sdk, limits: { requestTimeout: number } | { socketTimeout: number }) =>
    new sdk.S3Client({
      region: reach.region,
      endpoint: reach.endpoint,
      forcePathStyle: reach.pathStyle,
      credentials: reach.key && reach.secret ? { accessKeyId: reach.key, secretAccessKey: reach.secret } : undefined,
      // Not every store supports Amazon's newer checksums. Requests are signed with their SHA-256, which every store
      // checks.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      // Every download occupies a connection until the client has read it.
      requestHandler: {
        connectionTimeout: 5000,
        throwOnRequestTimeout: true,
        ...limits,
        httpAgent: { maxSockets: 1000 },
        httpsAgent: { maxSockets: 1000 },
      },
      followRegionRedirects: true,
    })

  /** Sends a request. If there is no such object or upload, returns `gone` if given. Throws BucketError. */
  async function ask<T, G = never>(
    question: (sdk: Sdk, client: S3Client, uploader: S3Client) => Promise<T>,
    gone?: G,
  ): Promise<T | G> {
    const { sdk, client, uploader } = await (opened ??= open())
    try {
      return await question(sdk, client, uploader)
    } catch (error) {
      if (gone !== undefined && isGone(error)) return gone
      throw new BucketError(sentenceOf(error, reach), { cause: error })
    }
  }

  return {
    async put(Key: string, Body: Uint8Array): Promise<void> {
      await ask((sdk, _client, uploader) => uploader.send(new sdk.PutObjectCommand({ Bucket, Key, Body })))
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

    /** Starts a multipart upload and returns its ID. The object appears when it is completed. */
    begin: (Key: string): Promise<string> =>
      ask(async (sdk, client) => (await client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key }))).UploadId!),

    /** Uploads a part of at least 5 MiB, unless it is the last, and returns its tag. */
    send: (Key: string, UploadId: string, PartNumber: number, Body: Uint8Array): Promise<string> =>
      ask(
        async (sdk, _client, uploader) =>
          (await uploader.send(new sdk.UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }))).ETag!,
      ),

    /** The uploaded parts, in order; null if there is no such upload. */
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

    /** Completes a multipart upload. False if there is none, for instance because it is complete. */
    complete: (Key: string, UploadId: string, tags: string[]): Promise<boolean> =>
      ask(async (sdk, client) => {
        const Parts = tags.map((ETag, n) => ({ PartNumber: n + 1, ETag }))
        const command = new sdk.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } })
        await client.send(command, { requestTimeout: assembly })
        return true
      }, false),

    async abort(Key: string, UploadId: string): Promise<void> {
      await ask((sdk, client) => client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId })), null)
    },

    /** Unfinished multipart uploads. */
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

    /** Null if the bucket is readable and writable; otherwise what is wrong, as a sentence for the operator. */
    async checkWritable(): Promise<string | null> {
      const Key = `probe-${process.pid}`
      try {
        await ask((sdk, client) => client.send(new sdk.ListObjectsV2Command({ Bucket, MaxKeys: 1 })))
        await ask((sdk, client) =>
          client.send(new sdk.PutObjectCommand({ Bucket, Key, Body: "This object can be deleted." })),
        )
        await ask((sdk, client) => client.send(new sdk.DeleteObjectCommand({ Bucket, Key })))
        return null
      } catch (error) {
        return (error as Error).message
      }
    },

    /** Null if the bucket is readable; otherwise what is wrong. Times out after 3 seconds. */
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

/** The error as a sentence for the operator: SDK messages rarely say what to do. */
function sentenceOf(error: unknown, { bucket, endpoint = "Amazon S3", region }: BucketConfig): string {
  const { name, message, code, $metadata } = error as SdkError
  if (name === "AbortError" || name === "TimeoutError")
    return `${endpoint} did not respond in time. Check S3_ENDPOINT and that the store is running.`
  if (name === "NoSuchBucket" || (name === "NotFound" && $metadata?.httpStatusCode === 404))
    return `There is no bucket ${bucket} at ${endpoint}. Create it, or correct S3_BUCKET.`
  if (name === "CredentialsProviderError")
    return "There are no credentials for the bucket. Set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY."
  if (/SignatureDoesNotMatch|InvalidAccessKeyId/.test(name))
    return `${endpoint} rejects the credentials (${name}). Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.`
  if (name === "RequestTimeTooSkewed")
    return `The clocks of this machine and ${endpoint} differ too much. Synchronize them.`
  if ($metadata?.httpStatusCode === 403)
    return `${endpoint} denies access to the bucket ${bucket} (${name}). Allow this key to list, read, write and delete.`
  if ($metadata?.httpStatusCode === 301 || name === "AuthorizationHeaderMalformed")
    return `The bucket ${bucket} is not in the region ${region}. Correct S3_REGION.`
  if ($metadata?.httpStatusCode)
    return `${endpoint} answered ${$metadata.httpStatusCode}: ${message.replace(/\.$/, "")}.`
  return `${endpoint} cannot be reached (${code ?? (message || name)}). Check S3_ENDPOINT and that the store is running.`
}
