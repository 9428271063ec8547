import type { ComponentProps } from "react"

import { Field, Select, TextInput } from "@/components/ui/field"
import { usdPerHour, usdPerSecond } from "@/lib/hardware/price"
import type { HardwareChoice } from "./load"

type Name = "hardware" | "min_instances" | "max_instances"
type Props = {
  hardware: HardwareChoice[]
  errors: Partial<Record<string, string>>
  /** The props of a control of the form. */
  control: (name: Name) => ComponentProps<"input"> & ComponentProps<"select">
}

/** The fields of a release for its hardware and number of instances. */
export function ReleaseFields({ hardware, errors, control: propsOf }: Props) {
  return (
    <>
      <Field label="Hardware" id="hardware" error={errors.hardware}>
        {(control) => (
          <Select {...control} {...propsOf("hardware")}>
            {hardware.map(({ sku, name, usd_per_second, missing }) => (
              <option key={sku} value={sku}>
                {`${name}: ${usdPerSecond(usd_per_second)}/s, ${usdPerHour(usd_per_second)}/h${missing ? " (no runner offers it now)" : ""}`}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <div className="grid gap-x-5 gap-y-6 sm:grid-cols-2">
        {(
          [
            ["min_instances", "Minimum instances", "Always ready, 0 to 5. With 0 it scales to zero."],
            ["max_instances", "Maximum instances", "0 to 20. More than that many runs at once wait."],
          ] as const
        ).map(([name, label, hint]) => (
          <Field key={name} label={label} id={name} error={errors[name]} hint={hint}>
            {(control) => (
              <TextInput
                {...control}
                {...propsOf(name)}
                inputMode="numeric"
                autoComplete="off"
                maxLength={10}
                className="max-w-32 tabular-nums"
              />
            )}
          </Field>
        ))}
      </div>
    </>
  )
}
