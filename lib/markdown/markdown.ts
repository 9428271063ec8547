import { problem } from "@/lib/problem"
import { defineTask, OverBudget, runInWorker } from "@/lib/worker/worker"
import { plainHtml } from "./render"

const rendering = defineTask<string, string>("lib/markdown/render.ts", "renderMarkdown")

/**
 * Markdown that anybody wrote, as HTML that can stand in a page of ours. What would take too long is the text as it is. It is rendered when
 * it is saved, never when it is shown; a change to lib/markdown/render.ts takes a migration that empties the columns it is kept in.
 */
export async function renderMarkdown(text: string): Promise<string> {
  try {
    return await runInWorker(rendering, text, { deadlineMs: 800, memoryMb: 40 })
  } catch (error) {
    if (!(error instanceof OverBudget)) throw error
    if (error.of === "queue")
      throw problem("unavailable", "Too many texts are being rendered. Try again in a moment.", {}, 5)
    return plainHtml(text)
  }
}
