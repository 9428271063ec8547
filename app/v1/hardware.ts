import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod"
import { z } from "zod"

import { listModelHardware } from "@/lib/hardware/hardware"
import { HardwareBody, presentHardware } from "@/lib/hardware/present"
import { currentOffers } from "@/lib/runners/offers"
import { refusals } from "./schemas"

export const hardware: FastifyPluginAsyncZod = async (v1) => {
  v1.get(
    "/hardware",
    {
      schema: {
        operationId: "hardware.list",
        summary: "List the hardware that models can run on",
        tags: ["Hardware"],
        response: { 200: z.array(HardwareBody), ...refusals(401) },
      },
    },
    async () => {
      const { hardware } = await currentOffers()
      return (await listModelHardware()).map((row) => presentHardware(row, hardware))
    },
  )
}
