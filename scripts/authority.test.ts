import { globSync, readFileSync } from "node:fs"
import path from "node:path"
import { expect, test } from "vitest"
import { parseAst } from "vitest/node"

// A verb that changes something on behalf of an actor checks inside the transaction that the actor is still allowed to:
// it writes through `writeAs`, or `writeModelAs` for a model. This test follows every function of lib/ that takes an
// actor (or a registry caller) to a plain `write()`, through whatever it calls.

/** Where the search stops: writes that read the actor's rights again. */
const asking = new Set(["lib/access/write-as.ts writeAs", "lib/models/write.ts writeModelAs"])

/** Functions that open their transaction with the function in this argument, or with `write()` if it is missing. */
const given: Record<string, number> = {
  "lib/files/store-file.ts storeFile": 4,
  "lib/predictions/end.ts endPrediction": 2,
  "lib/predictions/end.ts cancelNow": 1,
  "lib/predictions/retention.ts removeData": 1,
  "lib/batches/store.ts stopRow": 2,
}

/**
 * Functions through which verbs write without this check, and why. Functions without an actor, such as sign-up, sign-in
 * and jobs, are not covered.
 */
const exceptions: Record<string, string> = {
  "lib/two-factor/two-factor.ts requireCode":
    "uses up a code that its owner shows, also before the sign-in is complete",
  "lib/rate-limits/rate-limit.ts consumeRateLimit": "counts an attempt, the refused ones too",
  "lib/rate-limits/rate-limit.ts refundRateLimit": "counts one attempt less",
  "lib/idempotency/idempotency.ts claimKey": "notes that a request is under way; what it changes is asked by its verb",
  "lib/idempotency/idempotency.ts settleKey": "keeps the answer that was given",
  "lib/sessions/session.ts recordUse": "notes when a session was used",
  "lib/models/model.ts recordPull": "notes the first of all pulls, which is a read",
  "lib/models/readme.ts htmlOf": "keeps what a README looks like, for everybody who reads it",
  "lib/versions/version.ts formOfVersion": "keeps what a schema says, for everybody who reads it",
  "lib/webhooks/secret.ts getWebhookSecret":
    "makes the secret that nobody has asked for before; who is shown it, is asked",
  "lib/files/input.ts storeDataUrl":
    "keeps an input until the write that asks gives it to a prediction; without one, it goes",
  "lib/files/input.ts dropInputFiles": "removes the inputs of a prediction that was refused",
  "lib/batches/job.ts begin": "the job's own notes of a batch; each of its runs is asked as if its maker had begun it",
  "lib/bundled/add.ts add": "notes in a write that asks that the product may publish its own model, which it then does",
  "lib/bundled/add.ts recordAddition": "writes without asking only for the operator at the command line",
  "lib/registry/upload.ts cancel": "removes the bytes of an upload that failed or was given up",
  "lib/registry/upload.ts noteProgress":
    "notes how many bytes of an upload take up space, so that the quota knows them",
}

type Node = { type: string; start: number; end: number; [key: string]: unknown }

/** A function of a file, the names that its parameters' types mention, and what it refers to. */
type Fn = { types: Set<string>; refers: Set<string>; exported?: boolean }

const files = globSync("lib/**/*.ts").filter((file) => !file.endsWith(".test.ts") && !file.startsWith("lib/test/"))

/** By "file name". */
const functions = new Map<string, Fn>()
for (const file of files) readFunctions(file)

function readFunctions(file: string) {
  const { body } = parseAst(readFileSync(file, "utf8"), { lang: "ts" }) as unknown as { body: Node[] }
  const places = new Map<string, string>()
  const declared = new Map<string, Node>()
  const exported = new Set<string>()
  for (const statement of body) {
    if (statement.type === "ImportDeclaration")
      for (const [local, imported] of importedBy(statement)) places.set(local, placeOf(file, statement, imported))
    if (statement.type === "ExportNamedDeclaration" && statement.source)
      for (const one of statement.specifiers as { local: { name: string }; exported: { name: string } }[])
        functions.set(`${file} ${one.exported.name}`, {
          types: new Set(),
          refers: new Set([placeOf(file, statement, one.local.name)]),
        })
    const declaration = (statement.declaration ?? statement) as Node
    if (statement.type === "ExportNamedDeclaration")
      for (const { id } of (declaration.declarations ?? [declaration]) as { id?: { name?: string } }[])
        if (id?.name !== undefined) exported.add(id.name)
    if (declaration.type === "FunctionDeclaration") declared.set((declaration.id as { name: string }).name, declaration)
    if (declaration.type === "VariableDeclaration")
      for (const { id, init } of declaration.declarations as { id: { name?: string }; init: Node | null }[])
        if (id.name !== undefined && init) declared.set(id.name, init)
  }
  for (const name of declared.keys()) places.set(name, `${file} ${name}`)
  for (const [name, node] of declared) {
    const parameters = (node.params ?? []) as Node[]
    functions.set(`${file} ${name}`, {
      types: namesIn(parameters),
      exported: exported.has(name),
      refers: new Set([...namesIn(node)].flatMap((one) => (one === name ? [] : (places.get(one) ?? [])))),
    })
  }
}

function* importedBy(statement: Node): Generator<[local: string, imported: string]> {
  for (const one of statement.specifiers as { local: { name: string }; imported?: { name: string } }[])
    yield [one.local.name, one.imported?.name ?? "default"]
}

function placeOf(file: string, { source }: Node, name: string): string {
  const { value } = source as { value: string }
  const found = value.startsWith("@/") ? value.slice(2) : path.join(path.dirname(file), value)
  return `${found}.ts ${name}`
}

/** Every identifier within, those of types included; not the names of properties that are only read. */
function namesIn(value: unknown, names = new Set<string>()): Set<string> {
  if (typeof value !== "object" || value === null) return names
  if (Array.isArray(value)) for (const one of value) namesIn(one, names)
  else {
    const node = value as Node
    // `Actor["via"]` is not an actor.
    if (node.type === "TSIndexedAccessType") return names
    if (node.type === "Identifier") names.add(node.name as string)
    if (node.type === "CallExpression" && isGiven(node)) return namesIn(node.arguments, names)
    for (const [key, part] of Object.entries(node))
      if (key !== "parent" && !((key === "property" || key === "key") && !node.computed && !node.shorthand))
        namesIn(part, names)
  }
  return names
}

/** Whether a call passes the function that opens the transaction. */
function isGiven({ callee, arguments: passed }: Node): boolean {
  const { name } = callee as { name?: string }
  const [, at] = Object.entries(given).find(([place]) => place.endsWith(` ${name}`)) ?? []
  const argument = at === undefined ? undefined : (passed as Node[])[at]
  return argument?.type === "ArrowFunctionExpression" || argument?.type === "Identifier"
}

const plain = new Set(["db.ts write", "db.ts writeStatement"])

/** The paths from a function to a plain write, each as the names along it. */
function waysToWrite(from: string, passed: string[] = [], seen = new Set<string>()): string[][] {
  if (plain.has(from)) return [[...passed, from]]
  if (seen.has(from) || asking.has(from) || from in exceptions) return []
  seen.add(from)
  return [...(functions.get(from)?.refers ?? [])].flatMap((one) => waysToWrite(one, [...passed, from], seen))
}

const verbs = [...functions].filter(([, { types }]) => ["Actor", "Caller"].some((type) => types.has(type)))

test("no verb that takes an actor writes without asking inside the transaction whether it still may", () => {
  expect(verbs.length).toBeGreaterThan(100)
  const ways = new Set(verbs.flatMap(([name]) => waysToWrite(name)).map((way) => way.slice(-3, -1).join(" > ")))
  expect([...ways]).toEqual([])
})

test("every exception is there, writes, and is reached by a verb", () => {
  const reached = new Set<string>()
  const follow = (name: string) => {
    if (reached.has(name) || asking.has(name)) return
    reached.add(name)
    if (!(name in exceptions)) for (const one of functions.get(name)?.refers ?? []) follow(one)
  }
  for (const [name] of verbs) follow(name)
  expect(Object.keys(exceptions).filter((name) => !reached.has(name))).toEqual([])
})

test("a verb that writes plainly is found", () => {
  const stored = new Map(functions)
  functions.set("lib/x.ts verb", { types: new Set(["Actor"]), refers: new Set(["lib/x.ts save"]) })
  functions.set("lib/x.ts save", { types: new Set(), refers: new Set(["db.ts write"]) })
  expect(waysToWrite("lib/x.ts verb")).toEqual([["lib/x.ts verb", "lib/x.ts save", "db.ts write"]])
  functions.clear()
  for (const [name, fn] of stored) functions.set(name, fn)
})

/** Verbs that the race program (torture/authority.ts) leaves out, and why. */
const notRaced: Record<string, string> = {
  "lib/versions/version.ts publishBundledVersion": "the product publishes its own models",
  "lib/bundled/add.ts startAddingModel": "downloads packages first; what it writes then is raced as recordAddition",
  "lib/bundled/add.ts addBundledModel": "as startAddingModel",
  "lib/two-factor/two-factor.ts resetTwoFactor": "raced as resetTwoFactorOf",
  "lib/trainings/create-version.ts createVersionAgain":
    "needs the weights of a real training; lib/trainings/training.test.ts tests who may",
  "lib/predictions/queue-run.ts queueRun":
    "the write of createPrediction, runDeployment and createTraining, which are raced",
  "lib/registry/access.ts pushableModel": "creates a model on push, as createModel does",
  "lib/registry/access.ts writePush": "the write of all pushes, which are raced",
  "lib/registry/access.ts withPushableModel": "a step of a push, which are raced",
  "lib/registry/upload.ts uploadSize": "reads, unless a push creates its model",
}

const asks = (from: string, seen = new Set<string>()): boolean => {
  if (asking.has(from)) return true
  if (seen.has(from)) return false
  seen.add(from)
  return [...(functions.get(from)?.refers ?? [])].some((one) => asks(one, seen))
}

test("every verb that changes something is raced against the loss of its right", () => {
  const program = ["authority", "remaining-verbs", "place"]
    .map((name) => readFileSync(`torture/${name}.ts`, "utf8"))
    .join()
  const isRaced = (verb: string) => {
    const [file, name] = verb.split(" ") as [string, string]
    // Two files have verbs with the same names.
    const called = file === "lib/files/resumable.ts" ? `resumable\\.${name}` : name
    return new RegExp(`\\blib\\.${called}\\(|"${name}"`).test(program)
  }
  const changing = verbs
    .filter(([name, { exported }]) => exported && !asking.has(name) && asks(name))
    .map(([name]) => name)
  expect(changing.length).toBeGreaterThan(80)
  expect(changing.filter((verb) => !isRaced(verb) && !(verb in notRaced))).toEqual([])
  expect(Object.keys(notRaced).filter((verb) => !changing.includes(verb))).toEqual([])
})
