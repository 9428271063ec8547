import { spawn } from "node:child_process"
import { createHash } from "node:crypto"

import { DockerError, type DockerApi } from "./docker-api"
import { EngineFailure } from "./engine"

/** What is not the Internet: this machine, its networks, the data of clouds, and what is nobody's. */
const closed = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "168.63.129.16/32",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
]

/** Makes the network from which models reach the Internet and nothing else, and answers its name. Its rules are set again every time. */
export async function openNetwork(api: DockerApi, installation: string): Promise<string> {
  const name = `us-${createHash("sha256").update(installation).digest("hex").slice(0, 10)}`
  const network = await findOrMake(api, name, installation)
  const subnet = network.IPAM.Config[0]?.Subnet
  if (!subnet) throw new EngineFailure("capacity", "The engine gave the network of models no addresses.")
  try {
    await nft(rules(name, subnet))
  } catch (error) {
    throw new EngineFailure(
      "capacity",
      `Models get no Internet on this machine, because its firewall cannot be set: ${(error as Error).message}`,
      { cause: error },
    )
  }
  return name
}

type Network = { IPAM: { Config: { Subnet?: string }[] } }

async function findOrMake(api: DockerApi, name: string, installation: string): Promise<Network> {
  const find = () => api.json<Network>("GET", `/networks/${name}`)
  try {
    return await find()
  } catch (error) {
    if (!(error instanceof DockerError) || error.status !== 404) throw error
  }
  await api.json("POST", "/networks/create", {
    body: {
      Name: name,
      Driver: "bridge",
      CheckDuplicate: true,
      Labels: { "understudy.installation": installation },
      Options: {
        "com.docker.network.bridge.name": name,
        "com.docker.network.bridge.enable_icc": "false",
        "com.docker.network.bridge.enable_ip_masquerade": "true",
      },
    },
  })
  return find()
}

/** A table of our own, replaced as a whole: what others set stays as it is. */
const rules = (bridge: string, subnet: string) => {
  const table = `inet understudy_${bridge.slice(3)}`
  return `
    add table ${table}
    delete table ${table}
    table ${table} {
      chain input {
        type filter hook input priority -10; policy accept;
        iifname "${bridge}" ct state established,related accept
        iifname "${bridge}" drop
      }
      chain forward {
        type filter hook forward priority -10; policy accept;
        oifname "${bridge}" ct state established,related accept
        oifname "${bridge}" drop
        iifname "${bridge}" meta nfproto ipv6 drop
        iifname "${bridge}" ip daddr { ${closed.join(", ")} } drop
      }
      chain postrouting {
        type nat hook postrouting priority 100; policy accept;
        ip saddr ${subnet} oifname != "${bridge}" masquerade
      }
    }
  `
}

function nft(script: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("nft", ["-f", "-"], { stdio: ["pipe", "ignore", "pipe"] })
    let said = ""
    child.stderr.on("data", (chunk) => (said += chunk))
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? new Error("nftables is not installed") : error),
    )
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(said.trim().slice(0, 500)))))
    child.stdin.on("error", () => {})
    child.stdin.end(script)
  })
}
