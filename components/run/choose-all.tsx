"use client"

/** A box that ticks every box of its form called `id`. It is of no use without scripts, and not shown then. */
export const ChooseAll = () => (
  <label className="flex size-8 items-center justify-center noscript:hidden">
    <input
      type="checkbox"
      aria-label="Choose all"
      onChange={({ currentTarget }) => {
        for (const box of currentTarget.form?.querySelectorAll<HTMLInputElement>("input[name=id]") ?? [])
          box.checked = currentTarget.checked
      }}
    />
  </label>
)
