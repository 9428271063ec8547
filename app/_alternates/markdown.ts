import type { presentCollection } from "@/lib/collections/present"
import type { presentHardware } from "@/lib/hardware/present"
import { usdPerHour, usdPerSecond } from "@/lib/hardware/price"
import type { ModelSummary } from "@/lib/models/present"
import type { AccountBody } from "@/lib/owners/present"

/** A model's page: facts, links and README. */
export function modelInMarkdown(model: ModelSummary, readme: string | null): string {
  return blocks(
    `# ${plain(`${model.owner}/${model.name}`)}`,
    model.description && plain(model.description),
    list([
      `Page: <${model.url}>`,
      `Visibility: ${model.visibility}`,
      `Created: ${model.created_at}`,
      `Runs: ${model.run_count}`,
      model.latest_version ? `Latest version: ${model.latest_version.id}` : "No versions yet",
      model.github_url && `GitHub: <${model.github_url}>`,
      model.paper_url && `Paper: <${model.paper_url}>`,
      model.license_url && `License: <${model.license_url}>`,
      model.weights_url && `Weights: <${model.weights_url}>`,
    ]),
    readme && `---\n\n${readme.trim()}`,
  )
}

export const modelsInMarkdown = (title: string, models: ModelSummary[], origin: string): string =>
  blocks(
    `# ${title}`,
    models.length ? list(models.map(line)) : "No public models yet.",
    `All models, page by page: <${origin}/v1/models>`,
  )

export const profileInMarkdown = (account: AccountBody, models: ModelSummary[]): string =>
  blocks(
    `# ${plain(account.name)}`,
    list([`Username: ${account.username}`, account.github_url ? `GitHub: <${account.github_url}>` : null]),
    "## Public models",
    models.length ? list(models.map(line)) : "None yet.",
  )

export const collectionsInMarkdown = (collections: ReturnType<typeof presentCollection>[], origin: string): string =>
  blocks(
    "# Collections",
    collections.length
      ? list(
          collections.map(
            ({ slug, name, description }) =>
              `[${plain(name)}](${origin}/collections/${slug})${description ? `: ${plain(description)}` : ""}`,
          ),
        )
      : "No collections yet.",
  )

export const collectionInMarkdown = ({
  name,
  description,
  full_description,
  models,
}: ReturnType<typeof presentCollection> & { full_description: string | null; models: ModelSummary[] }): string =>
  blocks(
    `# ${plain(name)}`,
    description && plain(description),
    "## Models",
    models.length ? list(models.map(line)) : "None yet.",
    full_description && `---\n\n${full_description.trim()}`,
  )

export const hardwareInMarkdown = (rows: ReturnType<typeof presentHardware>[]): string =>
  blocks(
    "# Pricing",
    "US dollars. Time is counted by the second.",
    [
      "| Type | SKU | GPU RAM | RAM | CPUs | per second | per hour |",
      "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
      ...rows.map(
        (row) =>
          `| ${[plain(row.name), row.sku, gb(row.gpu_ram_gb), gb(row.ram_gb), row.cpus ?? "–", usdPerSecond(row.price_per_second), usdPerHour(row.price_per_second)].join(" | ")} |`,
      ),
    ].join("\n"),
  )

const line = (model: ModelSummary) =>
  `[${plain(`${model.owner}/${model.name}`)}](${model.url})${model.description ? `: ${plain(model.description)}` : ""}`

const list = (items: (string | null | false)[]) =>
  items
    .filter(Boolean)
    .map((item) => `- ${item}`)
    .join("\n")

const blocks = (...parts: (string | null | false)[]) => `${parts.filter(Boolean).join("\n\n")}\n`

const gb = (amount: number | null) => (amount ? `${amount} GB` : "–")

/** User text on one line, with Markdown characters escaped. */
const plain = (text: string) => text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|#]/g, "\\$&")
