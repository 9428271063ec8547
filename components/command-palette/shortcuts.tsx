"use client"

import { useState } from "react"

import { Button } from "../ui/button"
import { singleKeysAreOn, turnSingleKeys } from "./single-keys"

/** The keyboard shortcuts, and a switch for single-key ones. */
export function Shortcuts({ combination, close }: { combination: string; close: () => void }) {
  const [on, setOn] = useState(singleKeysAreOn)
  const rows = [
    [combination, "Open or close the command palette"],
    ["?", "Show this list"],
    ["↑ ↓", "Move in the palette"],
    ["Enter", "Run the selection"],
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
          Enable single-key shortcuts
          <span className="block text-sm text-muted">
            Turn this off if “?” interferes, for example with speech input. {combination} stays.
          </span>
        </span>
      </label>
    </div>
  )
}
