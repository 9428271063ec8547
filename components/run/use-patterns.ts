"use client"

import { useEffect, useState } from "react"

import type { Field } from "@/lib/versions/read-form"

/** Milliseconds without typing after which patterns are checked. */
const pauseInTyping = 300

/** The names of inputs that are known not to match their patterns. */
export function usePatterns(inputs: Field[], input: Record<string, unknown>): ReadonlySet<string> {
  const [missed, setMissed] = useState<ReadonlyMap<string, string>>(new Map())
  const patterned = inputs.flatMap(({ name, pattern }) => {
    const value = input[name]
    return pattern !== undefined && typeof value === "string" ? [{ name, pattern, value }] : []
  })
  const asked = JSON.stringify(patterned)
  useEffect(() => {
    if (asked === "[]") return
    let isCurrent = true
    const timer = setTimeout(async () => {
      const { matchesPattern } = await import("./match-pattern")
      const found = new Map<string, string>()
      for (const { name, pattern, value } of JSON.parse(asked) as typeof patterned)
        if (!(await matchesPattern(pattern, value))) found.set(name, value)
      if (isCurrent) setMissed(found)
    }, pauseInTyping)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [asked])
  return new Set(patterned.filter(({ name, value }) => missed.get(name) === value).map(({ name }) => name))
}
