import { ImageResponse } from "next/og"

import { drawableText, fontFamily, fonts } from "@/lib/pictures/preview-text"
import { loadModelPage } from "./load-model-page"

export const size = { width: 1200, height: 630 }
export const contentType = "image/png"
export const alt = "A model on Understudy"

/** The preview image of links to a model. */
export default async function OpenGraphImage({ params }: { params: Promise<{ owner: string; name: string }> }) {
  const { owner, name } = await params
  const page = await loadModelPage(owner, name, "/opengraph-image")
  if (!page) return new Response(null, { status: 404 })
  const { model, hardware } = page
  const description = shortened(drawableText(model.description ?? ""))

  return new ImageResponse(
    <div
      style={{
        width: "100%",
        height: "100%",
        display: "flex",
        flexDirection: "column",
        justifyContent: "space-between",
        padding: 72,
        background: "#0F1412",
        color: "#EAEFEB",
        fontFamily,
      }}
    >
      <div style={{ display: "flex", alignItems: "center", gap: 20, fontSize: 30 }}>
        <svg width="44" height="44" viewBox="0 0 32 32" fill="none">
          <circle cx="16" cy="8.5" r="7" fill="#5CD6A9" />
          <path d="M12.5 18.25h7M16 18.25v11.5M8.5 29.75h15" stroke="#EAEFEB" strokeWidth="3" strokeLinecap="round" />
        </svg>
        Understudy
      </div>
      <div style={{ display: "flex", flexDirection: "column", gap: 24 }}>
        <div
          style={{
            display: "flex",
            flexWrap: "wrap",
            fontSize: fitted(`${model.owner}/${model.name}`),
            lineHeight: 1.2,
            wordBreak: "break-word",
          }}
        >
          <span style={{ color: "#A3AFA7" }}>{model.owner}/</span>
          <span>{model.name}</span>
        </div>
        {description && (
          <div style={{ display: "flex", fontSize: 32, lineHeight: 1.4, color: "#A3AFA7", wordBreak: "break-word" }}>
            {description}
          </div>
        )}
      </div>
      <div style={{ display: "flex", fontSize: 26, color: "#5CD6A9" }}>{drawableText(hardware?.name ?? "")}</div>
    </div>,
    {
      ...size,
      fonts: fonts(),
      // By default, shared caches may keep it.
      headers: model.visibility === "private" ? { "cache-control": "private, no-cache" } : {},
    },
  )
}

const fitted = (reference: string) => (reference.length < 26 ? 68 : reference.length < 48 ? 52 : 36)
const shortened = (text: string) =>
  text.length > 150 ? `${text.slice(0, 149).replace(/[\s,.;:–-]+\S{0,20}$/, "")}…` : text
