declare module "autocannon" {
  type Result = { "2xx": number; non2xx: number; errors: number; latency: { p50: number; p99: number } }
  type Request = { setupRequest?(request: object): object }
  export default function autocannon(options: {
    url: string
    connections: number
    duration: number
    method?: "GET" | "POST"
    headers?: Record<string, string>
    requests?: Request[]
  }): Promise<Result>
}
