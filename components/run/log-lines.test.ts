import { expect, test } from "vitest"

import { ansiParts } from "./log-lines"

test("escape codes become looks, and what is none of them is left out", () => {
  expect(
    ansiParts(
      "\u001b[1;31mred\u001b[0m plain \u001b[92mgreen\u001b[39m \u001b[38;5;4mblue\u001b[2K\u001b]0;title\u0007",
    ),
  ).toEqual([
    { text: "red", bold: true, color: "red" },
    { text: " plain " },
    { text: "green", color: "green" },
    { text: " " },
    { text: "blue", color: "blue" },
  ])
  expect(ansiParts("\u001b[38;2;1;2;3mtrue\u001b[48;5;9m color")).toEqual([{ text: "true" }, { text: " color" }])
})
