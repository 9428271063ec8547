import { writeFile } from "node:fs/promises"

import { expectAccessible } from "./axe"
import { main, output } from "./echo"
import { expect, test, type Page } from "./fixtures"
import { makeStates } from "./run-states"

// What can be done with runs and versions in their states, which both tests share.

test.describe.configure({ mode: "default", timeout: 300_000 })

/** Records a video of a moving square, half a second long. */
async function recordVideo(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(async () => {
    const canvas = document.createElement("canvas")
    canvas.width = canvas.height = 64
    const context = canvas.getContext("2d")!
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" })
    const parts: Blob[] = []
    recorder.ondataavailable = ({ data }) => parts.push(data)
    recorder.start()
    for (let n = 0; n < 12; n++) {
      context.fillStyle = n % 2 === 0 ? "teal" : "orange"
      context.fillRect(n * 4, 8, 24, 24)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    await new Promise((resolve) => {
      recorder.onstop = resolve
      recorder.stop()
    })
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
    return btoa(Array.from(bytes, (byte) => String.fromCodePoint(byte)).join(""))
  })
  return Buffer.from(base64, "base64")
}

test("outputs are played, compared and downloaded; a failed set-up is explained; data that expired is gone", async ({
  sharedInstance,
  openPage,
}, info) => {
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  await page.goto("/signin")
  const video = info.outputPath("clip.webm")
  await writeFile(video, await recordVideo(page))
  const { pages, shared, signIn } = await makeStates(server, { VIDEO: video })
  await signIn(page)
  const open = (name: string) => page.goto(pages[name]!)

  // Audio, video and a file that is neither.
  await open("prediction with audio and files")
  const audio = output(page).getByLabel("Output: speech.wav")
  await expect.poll(() => audio.evaluate((one: HTMLAudioElement) => one.duration)).toBe(1)
  expect(await audio.evaluate((one: HTMLAudioElement) => one.play().then(() => !one.paused))).toBe(true)
  const clip = output(page).getByLabel("Output: clip.webm")
  await expect.poll(() => clip.evaluate((one: HTMLVideoElement) => one.videoWidth)).toBe(64)
  await expect(output(page).getByRole("link", { name: "Download notes.txt" })).toBeVisible()

  // All files at once.
  const names: string[] = []
  page.on("download", (download) => names.push(download.suggestedFilename()))
  await output(page).getByRole("button", { name: "Download all 3 files" }).click()
  await expect.poll(() => names.toSorted()).toEqual(["clip.webm", "notes.txt", "speech.wav"])

  // Objects and lists within an object.
  await open("prediction with nested objects")
  await expect(output(page).getByRole("img")).toHaveCount(3)
  for (const name of ["layers", "best", "crop", "box", "warning"])
    await expect(output(page).getByText(name, { exact: true })).toBeVisible()
  const metrics = output(page).getByRole("region", { name: "Metrics of the model" })
  await expect(metrics).toContainText(/input_tokens\s*12/)
  await expect(metrics).not.toContainText("predict_time")

  // A slider compares two pictures.
  await open("two runs compared")
  const slider = main(page).getByLabel("How much of A is shown")
  const first = main(page).getByRole("img", { name: "Output of A" })
  expect(await first.evaluate((one) => one.style.clipPath)).toMatch(/^inset\(0(px)? 50% 0(px)? 0(px)?\)$/)
  await slider.focus()
  await page.keyboard.press("End")
  expect(await first.evaluate((one) => one.style.clipPath)).toMatch(/^inset\(0(px)?( 0%?)?.*\)$/)
  await page.keyboard.press("ArrowLeft")
  expect(await first.evaluate((one) => one.style.clipPath)).toContain("1%")

  // The page of a model whose set-up fails says so, and its owner sees the log.
  await open("playground of a model that cannot be set up")
  await expect(main(page)).toContainText("paused")
  await main(page).getByText("Log of the last set-up").click()
  await expect(main(page).getByRole("region", { name: "Set-up log" })).toContainText("No module named torch")
  await expectAccessible(page)
  const stranger = await openPage({ baseURL: server.origin })
  await stranger.goto(pages["playground of a model that cannot be set up"]!)
  await expect(main(stranger)).toContainText("paused")
  await expect(main(stranger)).not.toContainText("torch")
  await expect(main(stranger)).not.toContainText("Log of the last set-up")

  // So does the page of its version, where its owner retries the set-up.
  await stranger.goto(pages["version that cannot be set up"]!)
  await expect(main(stranger).getByRole("heading", { name: "Inputs" })).toBeVisible()
  await expect(main(stranger)).not.toContainText("Set-up")
  await open("version that cannot be set up")
  await expect(main(page)).toContainText("Set-up keeps failing")
  await expect(main(page).getByRole("region", { name: "Set-up log" })).toContainText("No module named torch")
  await main(page).getByRole("button", { name: "Retry set-up" }).click()
  await expect(main(page).getByRole("status").filter({ hasText: "set up again" })).toBeVisible()
  await expect(main(page)).not.toContainText("Set-up keeps failing")
  await open("playground of a model that cannot be set up")
  await expect(main(page)).not.toContainText("paused")

  // An expired run has lost its input, output and logs.
  await open("prediction that expired")
  await expect(main(page)).toContainText("Input, output and logs of this run were removed.")
  await expect(main(page)).not.toContainText("kept for a while")
  await expect(main(page).getByRole("button", { name: "Run again" })).toHaveCount(0)

  // A preview of the shared page, before a link exists.
  await open("prediction with a text")
  await main(page).getByRole("link", { name: "Preview what others would see" }).click()
  await expect(main(page).getByRole("heading", { name: "Shared prediction" })).toBeVisible()
  await expect(main(page).getByRole("heading", { name: "Input", exact: true })).toBeVisible()
  await main(page).getByRole("link", { name: "Show it without the input" }).click()
  await expect(main(page).getByRole("heading", { name: "Input", exact: true })).toHaveCount(0)
  await expect(main(page)).toContainText("so that nobody falls")
  await stranger.goto(shared["shared prediction"]!)
  await expect(main(stranger)).not.toContainText("Preview")
  await main(page).getByRole("link", { name: "Back to the prediction" }).click()
  await expect(main(page).getByRole("button", { name: "Create link" })).toBeVisible()

  // The history can be filtered by cost.
  await page.goto("/predictions")
  await main(page).getByLabel("Cost at least").fill("much")
  await main(page).getByRole("button", { name: "Filter" }).click()
  await expect(main(page)).toContainText("Enter an amount in US dollars")
  await main(page).getByLabel("Cost at least").fill("$0.03")
  await main(page).getByRole("button", { name: "Filter" }).click()
  await expect(main(page)).toContainText("Costs are searched in the newest 5,000 predictions")
  await expect(main(page).getByRole("row").nth(1)).toContainText("$0.034")
  await expect(main(page)).not.toContainText("$0.023")
})

test("a version is tried with a click, compared side by side, and released", async ({ sharedInstance, openPage }) => {
  const server = await sharedInstance()
  const page = await openPage({ baseURL: server.origin })
  const { pages, signIn } = await makeStates(server)
  await signIn(page)
  await page.goto(pages["version to try"]!)
  await main(page).getByRole("button", { name: "On the examples" }).click()
  await expect(page).toHaveURL(/\/batches\/[0-9a-z]{26}$/)
  await expect(main(page).getByRole("heading", { name: "Trial of a version" })).toBeVisible()
  await expect(main(page)).toContainText("0 of 1 run finished")
  const pair = main(page).getByRole("listitem").filter({ hasText: "Input 1" })
  await expect(pair.getByRole("img")).toHaveCount(1)
  await expectAccessible(page)
  await main(page).getByRole("button", { name: "Cancel", exact: true }).click()
  await expect(main(page)).toContainText("canceled")

  await page.goto(pages["trial with a failure"]!)
  const summary = main(page).getByRole("region", { name: "Summary" })
  await expect(summary.getByRole("row", { name: /^Failed/ })).toContainText(/0\s*1/)
  await expect(summary.getByRole("row", { name: /^Median run time/ })).toContainText(/3\.2 s\s*4\.8 s/)
  const last = main(page).getByRole("listitem").filter({ hasText: "Input 2" })
  await expect(last.getByRole("img").first()).toBeVisible()
  await last.getByText("Input", { exact: true }).click()
  await expect(last.getByText("a lighthouse")).toBeVisible()
  await expect(main(page)).toContainText("CUDA out of memory")
  await last.getByRole("link", { name: /^Compare/ }).click()
  await expect(main(page).getByRole("heading", { name: "Compare predictions" })).toBeVisible()

  await page.goto(pages["trial of a version"]!)
  await main(page).getByRole("button", { name: "Move stable to this version" }).click()
  await expect(main(page)).toContainText("stable now points to this version")
  await page.goto("/states/painter/versions")
  await expect(main(page)).toContainText("stable")
})
