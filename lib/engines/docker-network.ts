import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"

import { DockerError, type DockerApi } from "./docker-api"
import { EngineFailure } from "./engine"
import { onPath } from "./sandbox"

/** Blocked addresses: this machine, private networks, cloud metadata services, reserved ranges. */
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

/** The name of the network, its bridge and its rules, unique on the machine. */
export const networkOf = (installation: string) =>
  `us-${createHash("sha256").update(installation).digest("hex").slice(0, 10)}`

type Network = { IPAM: { Config: { Subnet?: string }[] } }

/** Creates a network that reaches only the Internet, if needed, and returns its name. */
export async function openNetwork(api: DockerApi, installation: string): Promise<string> {
  const name = networkOf(installation)
  const network = (await find(api, name)) ?? (await make(api, name, installation))
  await setRules(name, network)
  return name
}

/** Restores the rules of the network, if it exists: reloading a firewall drops them. */
export async function renewRules(api: DockerApi, installation: string): Promise<void> {
  const name = networkOf(installation)
  const network = await find(api, name)
  if (network) await setRules(name, network)
}

async function find(api: DockerApi, name: string): Promise<Network | null> {
  try {
    return await api.json<Network>("GET", `/networks/${name}`)
  } catch (error) {
    if (error instanceof DockerError && error.status === 404) return null
    throw error
  }
}

async function make(api: DockerApi, name: string, installation: string): Promise<Network> {
  const made = await api.json("POST", "/networks/create", {
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
  return api.json("GET", `/networks/${made.Id}`)
}

async function setRules(bridge: string, network: Network) {
  const subnet = network.IPAM.Config[0]?.Subnet
  try {
    if (!subnet) throw new Error("the engine gave the network no addresses")
    // In a container, or with a rootless engine, the bridge is in another network namespace, where our rules have no
    // effect.
    if (!existsSync(`/sys/class/net/${bridge}`))
      throw new Error("the engine's networks are not those that this server sees")
    if (onPath("nft")) await run("nft", ["-f", "-"], nftables(bridge, subnet))
    else if (onPath("iptables-restore")) await setIptables(bridge, subnet)
    else throw new Error("neither nftables nor iptables is installed")
    // Traffic between neighbours on a bridge bypasses the routing rules unless the kernel filters it.
    if (!bridgesAreFiltered()) await run("nft", ["-f", "-"], ofBridge(bridge))
  } catch (error) {
    const detail = `Models have no Internet access on this machine, because its firewall could not be configured: ${(error as Error).message}`
    // Not reported as missing capacity, so users see the reason and the retry is delayed.
    throw new EngineFailure("exit", detail, { cause: error })
  }
}

/** A separate table, replaced as a whole; other rules stay as they are. */
const nftables = (bridge: string, subnet: string) => {
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

const ofBridge = (bridge: string) => `
  add table bridge understudy_${bridge.slice(3)}
  delete table bridge understudy_${bridge.slice(3)}
  table bridge understudy_${bridge.slice(3)} {
    chain forward {
      type filter hook forward priority 0; policy accept;
      meta ibrname "${bridge}" drop
    }
  }
`

/** The rules for iptables: refills separate chains, and inserts the jumps to them once at the top. */
async function setIptables(bridge: string, subnet: string) {
  const [input, forward] = [`${bridge}-in`, `${bridge}-fwd`]
  const known = "-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT"
  await run(
    "iptables-restore",
    ["--noflush", "--wait"],
    [
      "*filter",
      `:${input} - [0:0]`,
      `:${forward} - [0:0]`,
      `-A ${input} ${known}`,
      `-A ${input} -j DROP`,
      `-A ${forward} -o ${bridge} ${known}`,
      `-A ${forward} -o ${bridge} -j DROP`,
      ...closed.map((range) => `-A ${forward} -d ${range} -j DROP`),
      "COMMIT",
      "",
    ].join("\n"),
  )
  await once("iptables", "-I", `INPUT -i ${bridge} -j ${input}`)
  await once("iptables", "-I", `FORWARD -i ${bridge} -j ${forward}`)
  await once("iptables", "-I", `FORWARD -o ${bridge} -j ${forward}`)
  await once("iptables", "-A", `POSTROUTING -s ${subnet} ! -o ${bridge} -j MASQUERADE`, "nat")
  for (const chain of ["INPUT", "FORWARD"]) await once("ip6tables", "-I", `${chain} -i ${bridge} -j DROP`)
}

async function once(program: string, how: "-I" | "-A", rule: string, table = "filter") {
  const words = (action: string) => ["--wait", "-t", table, action, ...rule.split(" ")]
  await run(program, words("-C")).catch(() => run(program, words(how)))
}

const bridgesAreFiltered = () => {
  const setting = "/proc/sys/net/bridge/bridge-nf-call-iptables"
  return existsSync(setting) && readFileSync(setting, "utf8").trim() === "1"
}

function run(program: string, args: string[], input = ""): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"] })
    let said = ""
    child.stderr.on("data", (chunk) => (said += chunk))
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "ENOENT" ? new Error(`${program} is not installed`) : error),
    )
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(said.trim().slice(0, 500)))))
    child.stdin.on("error", () => {})
    child.stdin.end(input)
  })
}
