import type { ComponentProps } from "react"

import { FieldGroup } from "@/components/ui/field"
import { RadioCard } from "@/components/ui/radio-card"

type Props = {
  radio: ComponentProps<"input">
  selected: string
  error: string | undefined
  owner: string
  /** Whether the owner is the viewer, not an organization. */
  own: boolean
}

/** Who can see and run the model, and who pays for it. */
export const VisibilityField = ({ radio, selected, error, owner, own }: Props) => (
  <FieldGroup label="Visibility" id="visibility" error={error} hint="You can change this later.">
    <div className="grid gap-3 sm:grid-cols-2">
      <RadioCard {...radio} id="visibility-public" title="Public" value="public" defaultChecked={selected === "public"}>
        Anyone can see and run it. Whoever runs it pays, for active time only.
      </RadioCard>
      <RadioCard {...radio} title="Private" value="private" defaultChecked={selected === "private"}>
        {own
          ? "Only you can see and run it. You pay for setup, active and idle time on dedicated hardware."
          : `Only members of ${owner} can see and run it. It pays for setup, active and idle time on dedicated hardware.`}
      </RadioCard>
    </div>
  </FieldGroup>
)
