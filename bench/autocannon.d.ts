declare module "autocannon" {
  type Result = { "2xx": number; non2xx: number; errors: number; latency: { p50: number; p99: number } }
  type Request = { setupRequest?(request: object): object }
  export type Client = { setHeaders(headers: Record<string, string>): void; setRequests(requests: object[]): void }
  export default function autocannon(options: {
    url: string
    connections: number
    duration: number
    method?: "GET" | "POST"
    headers?: Record<string, string>
    requests?: Request[]
    setupClient?(client: Client): void
  }): Promise<Result>
}
