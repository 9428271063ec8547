import { modelsJson } from "@/lib/models/model-json"
import { getCollection } from "./collection"
import { presentCollection } from "./present"

/**
 * A collection with its models, up to the size limit of a response, as JSON text. Throws what `getCollection` throws.
 */
export async function getCollectionJson(slug: string, origin: string): Promise<string> {
  const { models, ...collection } = await getCollection(slug)
  const shown = await modelsJson(
    models.map(({ id }) => id),
    origin,
  )
  const head = JSON.stringify({ ...presentCollection(collection), full_description: collection.full_description })
  return `${head.slice(0, -1)},"models":[${shown.join(",")}]}`
}
