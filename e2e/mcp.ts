import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js"

type Call = (name: string, args?: object) => Promise<string>

/**
 * Runs replicate-mcp against an address that ends in /v1. `call` returns a tool's output, and throws it if the tool
 * failed.
 */
export async function withTools(token: string, baseURL: string, use: (call: Call) => Promise<void>) {
  const client = new Client({ name: "e2e", version: "1.0.0" })
  const env = { PATH: process.env.PATH!, REPLICATE_API_TOKEN: token, REPLICATE_BASE_URL: baseURL }
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: ["node_modules/replicate-mcp/index.js"],
      env,
      stderr: "ignore",
    }),
  )
  try {
    await use(async (name, args = {}) => {
      const result = await client.callTool({ name, arguments: { ...args } })
      const text = (result.content as { text?: string }[]).map(({ text }) => text).join("\n")
      if (result.isError) throw new Error(text)
      return text
    })
  } finally {
    await client.close()
  }
}
