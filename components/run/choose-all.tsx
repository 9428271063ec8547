"use client"

/** A checkbox that selects all checkboxes named `id` of its form. Hidden without scripts. */
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
