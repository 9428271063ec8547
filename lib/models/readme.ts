import type { Actor } from "@/lib/auth/actor"
import type { Job } from "@/lib/jobs/job"
import { renderMarkdown } from "@/lib/markdown/markdown"
import { withImagePaths } from "@/lib/pictures/address"
import { getModel } from "./model"
import { findReadme, findRenderedReadme, storeRenderedReadme, listUnrendered } from "./readme-store"

/** The README as Markdown, or null without one. Throws what `getModel` throws. */
export async function getReadme(actor: Actor | null, owner: string, name: string): Promise<string | null> {
  return findReadme((await getModel(actor, owner, name)).id)
}

/** The README as HTML, for the model's page. Throws what `getModel` throws. */
export async function getReadmeHtml(actor: Actor | null, owner: string, name: string): Promise<string | null> {
  const html = await htmlOf((await getModel(actor, owner, name)).id)
  return html && withImagePaths(html)
}

/** Renders a README as on its page. */
export const previewReadme = async (readme: string): Promise<string> => withImagePaths(await renderMarkdown(readme))

/** At every start, because it may be the first after an upgrade. */
export const readmesJob: Job = {
  name: "readmes",
  every: 24 * 3600,
  by: "installation",
  atStart: true,
  run: renderMissingReadmes,
}

/** Renders READMEs from before their HTML was stored, until none is left. */
export async function renderMissingReadmes(signal?: AbortSignal): Promise<void> {
  for (let last = 0; !signal?.aborted;) {
    const some = await listUnrendered(last, 50)
    for (const id of some) await htmlOf(id)
    if (some.length === 0) return
    last = some.at(-1)!
  }
}

/** The stored HTML, rendered first if missing. */
async function htmlOf(id: number): Promise<string | null> {
  const { html, readme } = await findRenderedReadme(id)
  if (readme === null) return html
  const rendered = await renderMarkdown(readme)
  await storeRenderedReadme(id, readme, rendered)
  return rendered
}
