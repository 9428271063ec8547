import { createHash, randomBytes } from "node:crypto"

import { cogLabels } from "./images"

const sha256 = (content: string | Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`

/** Signs in like `docker login` and returns the status. */
export async function dockerLogin(origin: string, username: string, token: string): Promise<number> {
  const { headers } = await fetch(`${origin}/v2/`)
  const [, realm, service] = /^Bearer realm="([^"]+)",service="([^"]+)"/.exec(headers.get("www-authenticate") ?? "")!
  const answer = await fetch(
    `${realm}?${new URLSearchParams({ account: username, client_id: "docker", offline_token: "true", service: service! })}`,
    {
      headers: { authorization: `Basic ${Buffer.from(`${username}:${token}`).toString("base64")}` },
    },
  )
  return answer.status
}

/** Pushes an image using only fetch, and returns its version and the registry's response. */
export async function plainPush(origin: string, repo: string, username: string, token: string, labels = cogLabels()) {
  const headers = { authorization: `Basic ${Buffer.from(`${username}:${token}`).toString("base64")}` }
  const blob = async (content: string | Buffer) => {
    const begun = await fetch(`${origin}/v2/${repo}/blobs/uploads/`, { method: "POST", headers })
    await fetch(`${origin}${begun.headers.get("location")}?digest=${sha256(content)}`, {
      method: "PUT",
      headers,
      body: new Uint8Array(Buffer.from(content)),
    })
    return { digest: sha256(content), size: Buffer.byteLength(content) }
  }
  const config = await blob(JSON.stringify({ config: { Labels: labels } }))
  const layer = await blob(randomBytes(500_000))
  const mediaType = "application/vnd.oci.image.manifest.v1+json"
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", ...layer }],
  })
  const { status } = await fetch(`${origin}/v2/${repo}/manifests/latest`, {
    method: "PUT",
    headers: { ...headers, "content-type": mediaType },
    body,
  })
  return { status, id: sha256(body).slice(7) }
}
