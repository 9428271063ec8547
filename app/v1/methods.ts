import type { FastifyInstance } from "fastify"

/** Records every route registered from here on; returns the methods of a path, for 405 and OPTIONS. */
export function trackMethods(api: FastifyInstance): (url: string) => string[] {
  const routes = new Map<string, { pattern: RegExp; methods: Set<string> }>()

  api.addHook("onRoute", ({ url, method }) => {
    const known = routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() }
    for (const one of [method].flat()) known.methods.add(one)
    routes.set(url, known)
  })

  return (url) => {
    const path = url.split("?")[0]!.replace(/(?<=.)\/$/, "")
    const methods = new Set<string>()
    for (const route of routes.values()) if (route.pattern.test(path)) for (const one of route.methods) methods.add(one)
    return methods.size ? [...methods, "OPTIONS"].sort() : []
  }
}

const patternOf = (url: string) => new RegExp(`^${url.replaceAll(".", "\\.").replaceAll(/:\w+/g, "[^/]+")}$`)
