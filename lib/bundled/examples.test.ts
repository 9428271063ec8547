import { expect, onTestFinished, test } from "vitest"

import { servedBundle } from "@/lib/test/bundled"
import { catalogue } from "./catalogue"
import { exampleInputs } from "./examples"

test.each(catalogue.map((model) => [model.name, model] as const))("%s has examples", async (_name, model) => {
  const examples = await exampleInputs(model)
  expect(examples.length).toBeGreaterThan(0)
  for (const { image } of examples) if (image) expect(image).toMatch(/^data:image\/png;base64,iVBOR/)
})

test.each(catalogue.filter(({ included }) => included).map((model) => [model.name, model] as const))(
  "the examples of %s work",
  async (name, model) => {
    const served = await servedBundle(name)
    onTestFinished(() => served.stop())
    for (const input of await exampleInputs(model))
      expect((await served.predict(input)).body).toMatchObject({ status: "succeeded", error: null })
  },
)
