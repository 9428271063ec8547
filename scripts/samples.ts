import type { CreateModelInput } from "@/lib/models/schema"

export type SampleModel = CreateModelInput

/** The sample account that gets a password. */
export const sampleLogin = "juniper"

const apache = "https://www.apache.org/licenses/LICENSE-2.0"
const mit = "https://opensource.org/license/mit"
const code = (path: string) => `https://code.example.com/${path}`
const paper = (path: string) => `https://papers.example.com/${path}`

/** In the order they are created: the last ones are the newest. */
export const sampleModels: SampleModel[] = [
  {
    owner: "northlight", name: "tiny-upscaler", visibility: "public", hardware: "gpu-t4",
    description: "Doubles the size of small pictures without inventing faces.",
    github_url: code("northlight/tiny-upscaler"), license_url: mit,
  },
  {
    owner: "tidewater-lab", name: "tide-forecast", visibility: "public", hardware: "cpu",
    description: "Water levels at a harbour for the next ten days, from a year of gauge readings.",
    github_url: code("tidewater-lab/tide-forecast"), paper_url: paper("tide-forecast"), license_url: apache,
  },
  {
    owner: "paperkite", name: "recipe-scaler", visibility: "public", hardware: "cpu-small",
    description: "Turns a recipe for four into one for eleven, in spoons that exist.",
    license_url: mit,
  },
  {
    owner: "okapi-audio", name: "chord-sheet", visibility: "public", hardware: "cpu",
    description: "Writes the chords of a song above its words.",
    github_url: code("okapi-audio/chord-sheet"), license_url: apache,
  },
  { owner: "juniper", name: "bike-counter", visibility: "public", hardware: "cpu", description: "Counts bicycles, and only bicycles, in a traffic camera." },
  {
    owner: "northlight", name: "relight", visibility: "public", hardware: "gpu-l40s",
    description: "Moves the sun in a photograph you already have. Give it a direction and a time of day.",
    github_url: code("northlight/relight"), paper_url: paper("relight"), license_url: apache,
  },
  {
    owner: "tidewater-lab", name: "eelgrass-mapper", visibility: "public", hardware: "gpu-a40-large",
    description: "Outlines eelgrass meadows in aerial images and says how sure it is.",
    github_url: code("tidewater-lab/eelgrass-mapper"), paper_url: paper("eelgrass"), license_url: apache,
  },
  {
    owner: "paperkite", name: "margin-notes", visibility: "public", hardware: "gpu-a100-large",
    description: "Summarises a paper in its margin, one sentence per paragraph.",
    github_url: code("paperkite/margin-notes"), license_url: apache,
  },
  {
    owner: "okapi-audio", name: "field-recorder", visibility: "public", hardware: "gpu-t4",
    description: "Separates birds, rain and traffic in one recording.",
    github_url: code("okapi-audio/field-recorder"), paper_url: paper("field-recorder"), license_url: mit,
  },
  { owner: "juniper", name: "moth-or-butterfly", visibility: "private", hardware: "cpu-small", description: "A weekend experiment. Wrong about hawk moths." },
  {
    owner: "northlight", name: "dusk-xl", visibility: "public", hardware: "gpu-h100",
    description: "Landscape photographs from a sentence, in the light you ask for.",
    github_url: code("northlight/dusk-xl"), paper_url: paper("dusk"), license_url: code("northlight/dusk-xl/license"),
  },
  {
    owner: "tidewater-lab", name: "plankton-9k", visibility: "public", hardware: "gpu-a40-large",
    description: "Names nine thousand species of plankton under the microscope, with their relatives when it is in doubt.",
    github_url: code("tidewater-lab/plankton-9k"), paper_url: paper("plankton-9k"), license_url: apache,
  },
  {
    owner: "paperkite", name: "handwriting-1900", visibility: "public", hardware: "gpu-l40s-2x",
    description: "Transcribes letters, ledgers and diaries written between 1880 and 1920.",
    github_url: code("paperkite/handwriting-1900"), paper_url: paper("handwriting-1900"), license_url: apache,
  },
  {
    owner: "okapi-audio", name: "slow-speech", visibility: "public", hardware: "gpu-a40-small",
    description: "Reads a text aloud, calmly, in eleven languages.",
    github_url: code("okapi-audio/slow-speech"), license_url: apache,
  },
  {
    owner: "juniper", name: "garden-planner", visibility: "private", hardware: "gpu-a40-small",
    description: "Draws one garden bed through the four seasons.",
  },
  { owner: "northlight", name: "dusk-xl-next", visibility: "private", hardware: "gpu-a100-large-2x", description: "The next Dusk, while it trains." },
  {
    owner: "tidewater-lab", name: "hull-inspector", visibility: "private", hardware: "gpu-l40s",
    description: "Marks rust, cracks and growth in underwater footage of ship hulls.",
  },
  { owner: "okapi-audio", name: "hum-to-score", visibility: "private", hardware: "cpu", description: "Turns a hummed tune into sheet music." },
  {
    owner: "paperkite", name: "plain-letter", visibility: "public", hardware: "gpu-a100-large",
    description: "Rewrites letters from offices, insurers and landlords in plain language, and says what they want from you by when.",
    github_url: code("paperkite/plain-letter"), paper_url: paper("plain-letter"), license_url: apache,
  },
  {
    owner: "juniper", name: "postcard", visibility: "public", hardware: "gpu-a40-large",
    description: "Turns a holiday photograph into a two-colour linocut.",
    github_url: code("juniper/postcard"), license_url: mit,
  },
  {
    owner: "juniper", name: "hotdog-detector", visibility: "public", hardware: "gpu-t4",
    description: "Says whether there is a hot dog in the picture.",
    github_url: code("juniper/hotdog-detector"), license_url: mit,
  },
]
