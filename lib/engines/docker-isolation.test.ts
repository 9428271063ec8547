import { expect, test } from "vitest"

import { missingIsolation, type Given } from "./docker-isolation"

const asked = { cpus: 2, pids: 768, network: "none" }
const docker: Given = {
  Memory: 512 * 2 ** 20,
  NanoCpus: 2e9,
  PidsLimit: 768,
  NetworkMode: "none",
  CapAdd: null,
  CapDrop: ["ALL"],
  SecurityOpt: ["no-new-privileges"],
  DeviceRequests: null,
  Privileged: false,
  Binds: null,
}
const podman: Given = { ...docker, CapAdd: [], CapDrop: ["CHOWN", "KILL"], DeviceRequests: [], Binds: [] }
const missing = (change: Partial<Given>, gpus = 0) =>
  missingIsolation({ memory_mb: 512, gpus }, { ...docker, ...change }, asked)

test("a container that has what was asked for lacks nothing", () => {
  for (const given of [docker, podman]) expect(missing(given)).toBeNull()
  expect(missing({ SecurityOpt: ["no-new-privileges:true", "label=disable"] })).toBeNull()
  expect(missing({ DeviceRequests: [{ DeviceIDs: ["0"] }] }, 1)).toBeNull()
})

test.each<[string, Partial<Given>]>([
  ["memory", { Memory: 0 }],
  ["memory", { Memory: 1024 * 2 ** 20 }],
  ["processors", { NanoCpus: 0 }],
  ["processors", { NanoCpus: undefined }],
  ["processors", { NanoCpus: 4e9 }],
  ["processes", { PidsLimit: null }],
  ["processes", { PidsLimit: -1 }],
  ["processes", { PidsLimit: 100_000 }],
  ["network setting", { NetworkMode: "bridge" }],
  ["capabilities", { CapDrop: null }],
  ["capabilities", { CapDrop: [] }],
  ["capabilities", { CapAdd: ["SYS_ADMIN"] }],
  ["gain new privileges", { SecurityOpt: null }],
  ["gain new privileges", { SecurityOpt: ["no-new-privileges:false"] }],
  ["system calls", { SecurityOpt: ["no-new-privileges", "seccomp=unconfined"] }],
  ["more privileges", { Privileged: true }],
  ["more privileges", { Binds: ["/:/host"] }],
])("what the engine did not apply is said: %s, %j", (what, given) => {
  expect(missing(given)).toContain(what)
})

test("a GPU that podman left out is missed", () => {
  for (const DeviceRequests of [null, undefined, []]) expect(missing({ DeviceRequests }, 1)).toContain("no GPUs")
})
