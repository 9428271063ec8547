import sharp from "sharp"

/** A picture of lines of text, by default black on white, as a data URL. */
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

/** A drawing of a landscape, as a data URL of a PNG. */
export async function drawnScene(width: number, height: number): Promise<string> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 400 300" preserveAspectRatio="none">
    <rect width="400" height="300" fill="#8ecae6"/><circle cx="320" cy="70" r="36" fill="#ffb703"/>
    <path d="M0 220L90 110L170 200L250 90L400 230V300H0Z" fill="#588157"/><path d="M0 260Q100 220 200 260T400 250V300H0Z" fill="#344e41"/>
    <rect x="150" y="190" width="60" height="50" fill="#bc4749"/><path d="M140 190L180 155L220 190Z" fill="#6a040f"/></svg>`
  const bytes = await sharp(Buffer.from(svg)).png().toBuffer()
  return `data:image/png;base64,${bytes.toString("base64")}`
}

/** The pixels of a picture in a data URL, three bytes each, resized if a size is given. */
export async function pixelsOf(dataUrl: string, size?: { width: number; height: number }) {
  const picture = sharp(Buffer.from(dataUrl.split(",")[1]!, "base64")).removeAlpha()
  const { data, info } = await (size ? picture.resize({ ...size, fit: "fill" }) : picture)
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data: [...data], width: info.width, height: info.height }
}
