import { afterAll, beforeAll, expect, test } from "vitest"

import { servedBundle } from "@/lib/test/bundled"

let model: Awaited<ReturnType<typeof servedBundle>>
beforeAll(async () => void (model = await servedBundle("detect-language")))
afterAll(() => model.stop())

test.each([
  ["en", "All the world's a stage, and all the men and women merely players."],
  ["de", "Die ganze Welt ist eine Bühne, und alle Frauen und Männer bloße Spieler."],
  ["fr", "Le monde entier est un théâtre, et tous, hommes et femmes, n'en sont que les acteurs."],
  ["es", "El mundo entero es un teatro, y todos los hombres y mujeres simplemente comediantes."],
  ["ru", "Весь мир — театр. В нём женщины, мужчины — все актёры."],
  ["ja", "この世はすべて舞台、男も女もみな役者にすぎない。"],
  ["zh", "全世界是一个舞台，所有的男男女女不过是一些演员。"],
  ["ar", "الدنيا كلها مسرح، وما الرجال والنساء إلا ممثلون."],
  ["hi", "सारी दुनिया एक रंगमंच है, और सभी स्त्री-पुरुष केवल पात्र हैं।"],
  ["tr", "Bütün dünya bir sahnedir, bütün erkekler ve kadınlar sadece birer oyuncu."],
])("%s", async (language, text) => {
  const { body } = await model.predict({ text })
  expect(body).toMatchObject({ status: "succeeded", output: { language } })
  expect(body.output.probability).toBeGreaterThan(0.7)
  expect(body.output.probability).toBeLessThanOrEqual(1)
})

test("a text of several lines is one text, and one without letters is refused", async () => {
  expect((await model.predict({ text: "Hallo,\n\nwie geht es dir heute?\nGut, danke." })).body.output.language).toBe(
    "de",
  )
  expect((await model.predict({ text: "12 + 30 = 42 🎭" })).body).toMatchObject({
    status: "failed",
    error: "There are no letters in the text.",
  })
})
