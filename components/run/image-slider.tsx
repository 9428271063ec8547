"use client"

import { useState } from "react"

/** Compares two images: a slider moves the line between them. */
export function ImageSlider({ first, second }: { first: string; second: string }) {
  const [at, setAt] = useState(50)
  return (
    <div className="grid max-w-3xl gap-2">
      <div className="relative overflow-hidden rounded-md border border-line">
        <img src={second} alt="Output of B" className="block w-full" />
        <img
          src={first}
          alt="Output of A"
          style={{ clipPath: `inset(0 ${100 - at}% 0 0)` }}
          className="absolute inset-0 size-full object-fill"
        />
      </div>
      <label className="flex items-center gap-3 text-sm text-muted">
        <span aria-hidden="true">A</span>
        <input
          type="range"
          min={0}
          max={100}
          value={at}
          aria-label="How much of A is shown"
          onChange={({ target }) => setAt(Number(target.value))}
          className="min-w-0 flex-1 accent-accent"
        />
        <span aria-hidden="true">B</span>
      </label>
    </div>
  )
}
