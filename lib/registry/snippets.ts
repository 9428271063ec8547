const linux = `curl -fsSL https://get.docker.com | sh
sudo curl -o /usr/local/bin/cog -L "https://github.com/replicate/cog/releases/latest/download/cog_$(uname -s)_$(uname -m)"
sudo chmod +x /usr/local/bin/cog`

/** The prerequisites for building an image with Cog. */
export const installSnippets: { id: string; label: string; code: string }[] = [
  { id: "macos", label: "macOS", code: "brew install --cask docker\nbrew install replicate/tap/cog" },
  { id: "linux", label: "Linux", code: linux },
  {
    id: "windows",
    label: "Windows",
    code: `# In PowerShell, once; then continue in the Linux shell it opens.\nwsl --install\n\n${linux}`,
  },
]

/** Signs in to push. The token is piped in, so that it does not appear in the process list. */
export const loginSnippet = (host: string, account: string, token = "$TOKEN"): string =>
  `echo ${token} | docker login ${host} -u ${account} --password-stdin`

export const pushSnippets = (host: string, reference: string): { label: string; code: string }[] => [
  { label: "Cog", code: `cog push ${host}/${reference}` },
  { label: "Docker", code: `cog build -t ${host}/${reference}\ndocker push ${host}/${reference}` },
  { label: "skopeo", code: `skopeo copy docker-daemon:my-image:latest docker://${host}/${reference}:latest` },
]

/** A GitHub workflow that pushes a version on every commit to main. Requires the secret UNDERSTUDY_TOKEN. */
export const workflowSnippet = (host: string, account: string, reference: string): string => `name: Push to ${reference}
on:
  push:
    branches: [main]

jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: replicate/setup-cog@v2
      - name: Sign in
        run: echo "\${{ secrets.UNDERSTUDY_TOKEN }}" | docker login ${host} -u ${account} --password-stdin
      - name: Push
        run: cog push ${host}/${reference}
`

/** Docker and Cog allow plain HTTP only to this machine; other hosts need TLS. */
export function needsTls(origin: string): boolean {
  const { protocol, hostname } = new URL(origin)
  return protocol === "http:" && !/^(localhost|127\.|\[::1\])/.test(hostname)
}

/** An image that can be pulled; `login` is the account to sign in with, or null if none is needed. */
export type PullableImage = { reference: string; gpu: boolean; login: { host: string; account: string } | null }

/**
 * Runs an image locally: Cog's server listens on port 5000. `body` is that of the prediction, as one word for a shell.
 */
export const runSnippet = (
  { reference, gpu, login }: PullableImage,
  body: string,
): string => `${login ? `${loginSnippet(login.host, login.account, '"$REPLICATE_API_TOKEN"')}\n` : ""}docker run -d -p 5000:5000 ${gpu ? "--gpus all " : ""}${reference}
curl -s --retry 60 --retry-delay 1 --retry-all-errors http://localhost:5000/predictions \\
  -H "Content-Type: application/json" \\
  -d ${body}`
