import { problem } from "@/lib/problem"
import { defineTask, OverBudget, runInWorker } from "@/lib/worker/worker"
import { plainHtml } from "./render"

const rendering = defineTask<string, string>("lib/markdown/render.ts", "renderMarkdown")

/**
 * Renders untrusted Markdown as safe HTML; text that takes too long is returned as plain text. Rendered on save, not on
 * display: a change to lib/markdown/render.ts needs a migration that clears the stored HTML.
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
