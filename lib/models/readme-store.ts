import { and, asc, eq, gt, isNotNull, isNull, sql } from "drizzle-orm"

import { preparedQuery, read, write } from "@/db"
import { models } from "@/db/schema"

const ofModel = eq(models.id, sql.placeholder("id"))

const readmeById = preparedQuery("model_readme", (db) =>
  db.select({ readme: models.readme }).from(models).where(ofModel),
)

export async function findReadme(id: number): Promise<string | null> {
  const [row] = await readmeById().execute({ id })
  return row?.readme ?? null
}

const renderedById = preparedQuery("model_readme_html", (db) =>
  db
    .select({
      html: models.readme_html,
      readme: sql<string | null>`case when ${models.readme_html} is null then ${models.readme} end`,
    })
    .from(models)
    .where(ofModel),
)

/** The rendered README, or its Markdown if it is not rendered yet. */
export async function findRenderedReadme(id: number): Promise<{ html: string | null; readme: string | null }> {
  const [row] = await renderedById().execute({ id })
  return row ?? { html: null, readme: null }
}

/** Skipped if the README has changed meanwhile. */
export async function storeRenderedReadme(id: number, readme: string, readme_html: string): Promise<void> {
  await write(async (tx) => {
    await tx
      .update(models)
      .set({ readme_html })
      .where(and(eq(models.id, id), eq(models.readme, readme)))
  })
}

/** Up to `most` models with a README that is not rendered, after an ID. */
export async function listUnrendered(after: number, most: number): Promise<number[]> {
  const rows = await read()
    .select({ id: models.id })
    .from(models)
    .where(and(isNotNull(models.readme), isNull(models.readme_html), gt(models.id, after)))
    .orderBy(asc(models.id))
    .limit(most)
  return rows.map(({ id }) => id)
}
