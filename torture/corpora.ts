import { connect } from "node:net"

import { CreateModelInput } from "@/lib/models/schema"
import { aModel, client, runConcurrently, percentile, sleep, tally } from "./client"
import { anInstallation, serve } from "./installation"
import { found, type Trial } from "./trial"

const injections = [
  "' or '1'='1",
  "'; drop table models; --",
  '" or ""="',
  "1; attach database '/tmp/x' as x",
  "') union select password_hash from owners --",
  "\\'; select pg_sleep(5); --",
  "%' and 1=(select count(*) from tokens) and '%'='",
  "alice'/**/or/**/1=1--",
  "$(id)",
  "`id`",
  "|| sleep 5 ||",
  "${7*7}",
  "{{7*7}}",
  "*",
  "NEAR(a b)",
  '"',
  "a AND",
  "-a",
  "a OR b:c",
  "^a",
  "a*",
]
const traversals = [
  "../../etc/passwd",
  "..%2f..%2fetc%2fpasswd",
  "..%252f..%252fetc%252fpasswd",
  "%2e%2e/%2e%2e/etc/passwd",
  "..\\..\\etc\\passwd",
  "..%5c..%5cetc%5cpasswd",
  "%c0%ae%c0%ae/etc/passwd",
  "....//....//etc/passwd",
  "/etc/passwd%00.md",
  "..;/etc/passwd",
  ".%00./etc/passwd",
  "%uff0e%uff0e/etc/passwd",
  "_next/../../data/auth-secret",
  "_next/static/..%2f..%2f..%2fdata%2fauth-secret",
  ".env",
  ".git/config",
  "data/understudy.db",
]

const injection: Trial = {
  name: "SQL injection and traversal",
  async run() {
    const { folder, alice, bob } = await anInstallation()
    const server = await serve(folder)
    const ask = client(server.url, alice.token, 8)
    await ask("POST", "/v1/models", {
      body: aModel("bob", "hidden", { visibility: "private", description: "needle" }),
      token: bob.token,
    })
    const statuses: number[] = []
    const suspicious: string[] = []
    const look = async (method: string, path: string, options?: Parameters<typeof ask>[2]) => {
      const { status, text, ms } = await ask(method, path, options)
      statuses.push(status)
      if (status >= 500 || ms > 3000 || /root:x:|needle|\$argon2|BEGIN TABLE|\[core\]|SQLite format/.test(text))
        suspicious.push(`${method} ${path} → ${status} in ${ms.toFixed(0)} ms`)
    }
    for (const text of injections) {
      const encoded = encodeURIComponent(text)
      for (const path of [
        `/v1/models/${encoded}/x`,
        `/v1/models/alice/${encoded}`,
        `/v1/models?cursor=${encoded}`,
        `/v1/models?sort_by=${encoded}`,
        `/v1/search?query=${encoded}`,
        `/${encoded}`,
        `/explore?q=${encoded}`,
      ])
        await look("GET", path)
      await look("QUERY", "/v1/models", { raw: text })
      for (const field of ["owner", "name", "hardware", "visibility"])
        await look("POST", "/v1/models", { body: { ...aModel("alice", "x"), [field]: text } })
      await look("GET", "/v1/account", { token: text.replace(/[^\x20-\x7e]/g, "") })
    }
    for (const path of traversals)
      for (const prefix of ["/", "/v1/", "/v1/models/", "/_next/static/", "/_next/image?url=/"])
        await look("GET", `${prefix}${path}`)
    const intact = (await ask("GET", "/v1/models/bob/hidden", { token: bob.token })).status === 200
    ask.end()
    await server.stop()
    for (const line of suspicious.slice(0, 10)) console.error(line)
    return found(`${statuses.length} requests: ${tally(statuses)}`, {
      "an answer is suspicious": suspicious.length > 0,
      "data is gone": !intact,
    })
  },
}

const characters: Trial = {
  name: "every character in a name",
  async run({ everyCharacter }) {
    const { folder, alice } = await anInstallation()
    const server = await serve(folder)
    const ask = client(server.url, alice.token, 16)
    const allowed = /^[a-z0-9._-]$/
    let [tried, wrong] = [0, 0]
    const accepts = (character: string) => CreateModelInput.safeParse(aModel("alice", `a${character}b`)).success
    for (let point = 0; point <= 0x10ffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue
      tried++
      if (accepts(String.fromCodePoint(point)) !== allowed.test(String.fromCodePoint(point))) wrong++
    }
    // Over HTTP: all characters with a special meaning, and a sample of the rest.
    const points = everyCharacter
      ? Array.from({ length: 0x110000 }, (_, n) => n)
      : [...Array.from({ length: 0x300 }, (_, n) => n), ...Array.from({ length: 1500 }, (_, n) => 0x300 + n * 737)]
    const asked = points.filter((point) => point <= 0x10ffff && (point < 0xd800 || point > 0xdfff))
    let answeredWrong = 0
    await runConcurrently(
      16,
      (n) => n < asked.length,
      async (n) => {
        const character = String.fromCodePoint(asked[n]!)
        const { status } = await ask("POST", "/v1/models", { body: aModel("alice", `a${character}${asked[n]}`) })
        if (status !== (allowed.test(character) ? 201 : 400)) answeredWrong++
      },
    )
    ask.end()
    await server.stop()
    return found(
      `${tried} scalars by the schema, ${asked.length} over HTTP: ${wrong + answeredWrong} answered wrongly`,
      { "a character is taken that should not be, or the reverse": wrong + answeredWrong > 0 },
    )
  },
}

const links: Trial = {
  name: "javascript: and data: links",
  async run() {
    const { folder, alice } = await anInstallation()
    const server = await serve(folder)
    const ask = client(server.url, alice.token, 8)
    const urls = [
      "javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      " javascript:alert(1)",
      "java\nscript:alert(1)",
      "\u0001javascript:alert(1)",
      "data:text/html,<script>alert(1)</script>",
      "vbscript:x",
      "file:///etc/passwd",
      "//evil.example",
      "ftp://x",
      "blob:https://x/1",
      "https:",
      "http://",
      "javascript://https://x/%0aalert(1)",
      "about:blank",
    ]
    const statuses: number[] = []
    for (const url of urls)
      for (const field of ["github_url", "paper_url", "license_url", "cover_image_url"])
        statuses.push(
          (await ask("POST", "/v1/models", { body: aModel("alice", `m${statuses.length}`, { [field]: url }) })).status,
        )
    const kept = JSON.parse((await ask("GET", "/v1/models")).text).results as Record<string, string | null>[]
    ask.end()
    await server.stop()
    const bad = kept.filter((model) =>
      ["github_url", "paper_url", "license_url", "cover_image_url"].some(
        (field) => model[field] && !/^https?:\/\/[^/]/.test(model[field]),
      ),
    ).length
    return found(`${statuses.length} tried: ${tally(statuses)}; ${bad} kept that are not http(s)`, {
      "such a link was kept": bad > 0,
      "a surprise": statuses.some((status) => status >= 500),
    })
  },
}

/** Sends raw bytes; returns the status lines received before the connection ends or goes silent. */
function speak(url: string, bytes: string | Buffer, patience = 3000): Promise<{ statuses: number[]; text: string }> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    let text = ""
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    const done = () => {
      socket.destroy()
      resolve({ text, statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status)) })
    }
    socket
      .setEncoding("latin1")
      .on("data", (chunk) => (text += chunk))
      .once("close", done)
      .once("error", done)
    setTimeout(done, patience).unref()
  })
}

const bodies: Trial = {
  name: "64 MB and 100,000-deep bodies",
  async run() {
    const { folder, alice } = await anInstallation()
    const server = await serve(folder)
    const ask = client(server.url, alice.token, 4)
    const deep = "[".repeat(100_000) + "]".repeat(100_000)
    const large = Buffer.alloc(64 * 1024 * 1024, 97)
    const statuses = [
      (await ask("POST", "/v1/models", { raw: deep })).status,
      (await ask("POST", "/v1/models", { raw: `{"name":${deep}}` })).status,
      // The rejection arrives before the whole body is sent, so the connection may be cut meanwhile.
      await ask("POST", "/v1/models", { raw: large }).then(
        ({ status }) => status,
        () => 413,
      ),
      await ask("POST", "/signin", {
        raw: large,
        headers: { "content-type": "application/x-www-form-urlencoded" },
      }).then(
        ({ status }) => status,
        () => 413,
      ),
    ]
    const rss = Number(/^process_resident_memory_bytes (\d+)/m.exec((await ask("GET", "/metrics")).text)?.[1]) / 1e6
    ask.end()
    await server.stop()
    return found(`${tally(statuses)}; memory afterwards ${rss.toFixed(0)} MB`, {
      "a surprise": statuses.some((status) => status >= 500),
      "they were taken": statuses.slice(0, 3).some((status) => status < 400),
    })
  },
}

const smuggling: Trial = {
  name: "header smuggling",
  async run() {
    const { folder, alice } = await anInstallation()
    const server = await serve(folder)
    const secret = "GET /v1/account HTTP/1.1\r\nHost: x\r\n\r\n"
    const head = `POST /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${alice.token}\r\n`
    const attempts = [
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${secret}`,
      `${head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${secret}`,
      `${head}Content-Length: 0\r\nContent-Length: ${secret.length}\r\n\r\n${secret}`,
      `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${secret}`,
      `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${secret}`,
      `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${secret}`,
      `${head}Content-Length: +5\r\n\r\nhello${secret}`,
      `${head}Content-Length: 0x5\r\n\r\nhello${secret}`,
      `${head} folded: yes\r\nContent-Length: 0\r\n\r\n`,
      `${head}Transfer-Encoding: chunked\r\n\r\n5;\nhello\r\n0\r\n\r\n${secret}`,
      `${head}X: a\rY: b\r\nContent-Length: 0\r\n\r\n`,
      `GET /v1/models HTTP/1.1\nHost: x\nX: y\n\n`,
      `GET /v1/models HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n`,
      `${head}Bad Header: x\r\nContent-Length: 0\r\n\r\n`,
    ]
    const answers = await Promise.all(attempts.map((bytes) => speak(server.url, bytes)))
    await server.stop()
    const twice = answers.filter(({ statuses }) => statuses.length > 1).length
    const taken = answers.filter(({ statuses }) => statuses.some((status) => status < 400)).length
    return found(`${attempts.length} tried: ${tally(answers.map(({ statuses }) => statuses.join("+") || "closed"))}`, {
      "a hidden request was answered": twice > 0,
      "one was taken": taken > 0,
    })
  },
}

const slow: Trial = {
  name: "slow clients",
  alone: true,
  async run({ everyCharacter: patient }) {
    const { folder, alice } = await anInstallation()
    const server = await serve(folder)
    const { hostname, port } = new URL(server.url)
    let closed = 0
    const sockets = Array.from({ length: 300 }, (_, n) => {
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          n % 2
            ? "GET /v1/models HTTP/1.1\r\nHost: x\r\nX-Slow: "
            : "POST /v1/models HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
        ),
      )
      return socket
        .on("error", () => {})
        .once("close", () => closed++)
        .on("data", () => {})
    })
    const drip = setInterval(() => sockets.forEach((socket) => socket.writable && socket.write("a")), 200)
    await sleep(300)
    const ask = client(server.url, alice.token, 8)
    const times: number[] = []
    const statuses: number[] = []
    await runConcurrently(
      8,
      (n) => n < 400,
      async () => {
        const { status, ms } = await ask("GET", "/v1/models")
        statuses.push(status)
        times.push(ms)
      },
    )
    if (patient) await sleep(75_000)
    clearInterval(drip)
    const left = sockets.length - closed
    const gone = closed
    for (const socket of sockets) socket.destroy()
    ask.end()
    await server.stop()
    return found(
      `300 that drip: others are answered ${tally(statuses)}, p99 ${percentile(times, 0.99).toFixed(0)} ms${patient ? `; ${gone} of them closed after 75 s` : ""}`,
      {
        "others wait for them": percentile(times, 0.99) > 1000 || tally(statuses) !== "200 ×400",
        "they stay for ever": patient && left > 0,
      },
    )
  },
}

export const corpora = [injection, characters, links, bodies, smuggling, slow]
