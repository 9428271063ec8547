import { addBundledModel, listBundledModels } from "@/lib/bundled/add"
import { bundledOwner } from "@/lib/versions/bundled"
import { printTable } from "./table"

/** Lists the bundled models, and those that can be added. */
export function showBundledModels() {
  const rows = listBundledModels().map(({ model, bundle }) => [
    model.name,
    bundle ? (model.included ? "included" : "added") : model.included ? "not built" : "can be added",
    model.description,
  ])
  printTable(["name", "state", "does"], rows)
}

export async function addModelOfCatalogue(name: string) {
  console.error(`Fetching the packages of ${name} …`)
  const { id } = await addBundledModel(name)
  console.log(`${bundledOwner}/${name} is there: version ${id.slice(0, 12)}.`)
}
