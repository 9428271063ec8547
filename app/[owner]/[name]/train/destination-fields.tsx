"use client"

import { type UseFormReturn, useWatch } from "react-hook-form"

import { NameField } from "@/app/create/name-field"
import type { CreateValues } from "@/app/create/prefill"
import { VisibilityField } from "@/app/create/visibility-field"
import { Field, FieldGroup, Select } from "@/components/ui/field"
import { RadioCard } from "@/components/ui/radio-card"
import type { OwnerChoiceBody } from "@/lib/organizations/present"

type Props = {
  form: UseFormReturn<CreateValues>
  values: Record<string, string>
  destinations: string[]
  owners: OwnerChoiceBody[]
  account: string
  complaints: Partial<Record<string, string>>
  origin: string
}

/**
 * The fields for the destination: an existing model, or one that is created with the training. Both work without
 * scripts.
 */
export function DestinationFields({ form, values, destinations, owners, account, complaints, origin }: Props) {
  const open = owners.filter(({ refused }) => refused === null).map(({ username }) => username)
  const { owner = values.owner ?? "", name = values.name ?? "" } = useWatch({ control: form.control })
  return (
    <FieldGroup label="Destination" id="destination" hint="Every training adds a version to it.">
      <div className="group grid gap-4">
        <div className="grid gap-3 sm:grid-cols-2">
          <RadioCard
            name="kind"
            id="destination-existing"
            value="existing"
            title="Existing model"
            disabled={destinations.length === 0}
            defaultChecked={values.kind === "existing"}
          >
            {destinations.length === 0 ? "You have no models yet." : "The new version becomes its latest."}
          </RadioCard>
          <RadioCard
            name="kind"
            id="destination-new"
            value="new"
            title="A new model"
            defaultChecked={values.kind !== "existing"}
          >
            Created when the training starts.
          </RadioCard>
        </div>
        {destinations.length > 0 && (
          <div className="group-has-[#destination-new:checked]:hidden">
            <Field label="Model" id="existing" error={complaints.existing}>
              {(control) => (
                <Select {...control} name="existing" defaultValue={values.existing} className="font-mono">
                  {destinations.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </Select>
              )}
            </Field>
          </div>
        )}
        <div className="grid gap-6 group-has-[#destination-existing:checked]:hidden">
          <div className="grid grid-cols-[minmax(0,1fr)] gap-x-5 gap-y-6 sm:grid-cols-[minmax(0,1fr)_minmax(9rem,12rem)]">
            <NameField
              form={form}
              owners={open}
              owner={owner}
              name={name}
              initial={values.name ?? ""}
              complaint={complaints.name}
              origin={origin}
            />
            <Field label="Owner" id="owner" error={complaints.owner}>
              {(control) => (
                <Select {...control} {...form.register("owner")} defaultValue={values.owner}>
                  {open.map((username) => (
                    <option key={username}>{username}</option>
                  ))}
                </Select>
              )}
            </Field>
          </div>
          <VisibilityField
            radio={form.register("visibility")}
            selected={values.visibility ?? "private"}
            error={complaints.visibility}
            owner={owner}
            own={owner === account}
          />
        </div>
      </div>
    </FieldGroup>
  )
}
