import sharp from "sharp"

/** A picture of lines of text, black on white unless told otherwise, as a data URL. */
export async function drawnText(
  lines: string[],
  {
    format = "png",
    background = "#fff",
    size = 44,
  }: { format?: "png" | "jpeg" | "webp"; background?: string; size?: number } = {},
): Promise<string> {
  const rows = lines.map((line, row) => `<text x="40" y="${size * 2 * (row + 1)}">${line}</text>`).join("")
  const height = size * 2 * (lines.length + 1)
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="${height}"><rect width="1000" height="${height}" fill="${background}"/>
    <g font-family="DejaVu Sans, Liberation Sans, sans-serif" font-size="${size}">${rows}</g></svg>`
  const bytes = await sharp(Buffer.from(svg)).toFormat(format).toBuffer()
  return `data:image/${format};base64,${bytes.toString("base64")}`
}
