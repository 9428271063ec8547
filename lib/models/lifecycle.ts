import { former_names, models, versions } from "@/db/schema"
import type { AccountLifecycle } from "@/lib/lifecycle"
import { everyRow } from "@/lib/page"
import { listOwnModels } from "./model"
import { presentModelSummary } from "./present"
import { countModelsIn } from "./store"

export const modelsLifecycle: AccountLifecycle = {
  tables: [models, former_names, versions],
  blockers: async (db, id) => inTheWay(await countModelsIn(db, id)),
  disable: { kept: "Models and versions work on." },
  close: { kept: "There are no models left; names that the account had lead on to those it has given away." },
  async export(actor, origin) {
    return {
      models: everyRow(
        (cursor) => listOwnModels(actor, cursor, 500),
        (model) => {
          const { cover: _cover, ...facts } = presentModelSummary(model, origin)
          return { ...facts, hardware: model.hardware }
        },
      ),
    }
  },
}

const inTheWay = (models: number): string[] =>
  models === 0
    ? []
    : [
        `${models === 1 ? "1 model" : `${models.toLocaleString("en-US")} models`}: delete or transfer ${models === 1 ? "it" : "them"}.`,
      ]
