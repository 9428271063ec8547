import { expect, test } from "vitest"

import { maxCpuMs, spent } from "@/lib/test/cpu"

import { fileIn } from "./form-file"

const post = (body: string | Uint8Array<ArrayBuffer>, type: string) =>
  new Request("http://here.example", { method: "POST", body, headers: { "content-type": type } })

async function posted(form: FormData) {
  const whole = new Response(form)
  return post(new Uint8Array(await whole.arrayBuffer()), whole.headers.get("content-type")!)
}

test("the file of a form is received, with its other fields beside it", async () => {
  const form = new FormData()
  form.set("model", "alice/hotdog")
  form.set("cover", new File(["bytes"], "a.png"))
  expect(String(await fileIn(await posted(form), "cover", 100, "Too large."))).toBe("bytes")
  expect((await fileIn(await posted(new FormData()), "cover", 100, "Too large.")).length).toBe(0)
})

test("one that is too large is refused", async () => {
  const form = new FormData()
  form.set("cover", new File(["x".repeat(100_000)], "a.png"))
  await expect(fileIn(await posted(form), "cover", 100, "Too large.")).rejects.toMatchObject({ kind: "tooLarge" })
})

test("a form of 120,000 parts is refused in time", async () => {
  const body = '--b\r\ncontent-disposition: form-data; name="a"\r\n\r\n\r\n'.repeat(120_000) + "--b--\r\n"
  const request = post(body, "multipart/form-data; boundary=b")
  const { ms } = await spent(async () => {
    const received = fileIn(request, "cover", 8_000_000, "Too large.")
    await expect(received).rejects.toMatchObject({ kind: "unreadable" })
  })
  expect(ms).toBeLessThan(maxCpuMs)
})
