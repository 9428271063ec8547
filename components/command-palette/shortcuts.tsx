"use client"

import { useState } from "react"

import { Button } from "../ui/button"
import { singleKeysAreOn, turnSingleKeys } from "./single-keys"

/** Which keys do what, and how to silence those that stand alone. */
export function Shortcuts({ combination, close }: { combination: string; close: () => void }) {
  const [on, setOn] = useState(singleKeysAreOn)
  const rows = [
    [combination, "Open or close the command palette"],
    ["?", "Show this list"],
    ["↑ ↓", "Choose in the palette"],
    ["Enter", "Do what is chosen"],
    ["Esc", "Close the palette, a menu or this list"],
  ] as const

  return (
    <div className="max-h-[80dvh] overflow-y-auto p-5">
      <div className="mb-3 flex items-center justify-between gap-4">
        <h2>Keyboard shortcuts</h2>
        <Button size="sm" onClick={close}>
          Close
        </Button>
      </div>
      <dl className="divide-y divide-line">
        {rows.map(([key, does]) => (
          <div key={key} className="flex items-center justify-between gap-4 py-2">
            <dt className="order-2">
              <kbd className="whitespace-nowrap rounded-sm border border-line bg-sunken px-1.5 py-0.5 text-sm">
                {key}
              </kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label className="mt-3 flex gap-2.5 py-1">
        <input
          type="checkbox"
          className="mt-0.5"
          checked={on}
          onChange={(event) => {
            turnSingleKeys(event.target.checked)
            setOn(event.target.checked)
          }}
        />
        <span>
          Keys on their own do something
          <span className="block text-sm text-muted">
            Turn this off if “?” gets in your way, with speech input for example. {combination} stays.
          </span>
        </span>
      </label>
    </div>
  )
}
