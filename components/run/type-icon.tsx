import type { Kind } from "@/lib/versions/read-form"

const number = "M7.5 4 6 16M14 4l-1.5 12M4 8h13M3 12.5h13"
const braces =
  "M8 3.5c-2.5 0-2 2-2 3.5s0 3-2 3c2 0 2 1.5 2 3s-.5 3.5 2 3.5M12 3.5c2.5 0 2 2 2 3.5s0 3 2 3c-2 0-2 1.5-2 3s.5 3.5-2 3.5"
const text = "M5 6V4.5h10V6M10 4.5v11M8 15.5h4"

const paths: Record<Kind, string> = {
  string: text,
  integer: number,
  number,
  boolean: "m4 10.5 4 4 8-9",
  choice: "m5 7.5 5 5 5-5",
  file: "M11.5 3H6v14h8.5V6zM11.5 3v3h3",
  secret: "M5 9h10v7.5H5zM7.5 9V6.5a2.5 2.5 0 0 1 5 0V9",
  "date-time": "M4 5h12v11.5H4zM4 9h12M7.5 3v3M12.5 3v3",
  array: "M4 5.5h.01M4 10h.01M4 14.5h.01M7.5 5.5H16M7.5 10H16M7.5 14.5H16",
  object: braces,
  union: "M4 10h4l5-5h3M8 10l5 5h3",
  any: braces,
  null: "M5 10h10",
}

/** An icon for the type of an input. Decorative, because the type is beside it as text. */
export const TypeIcon = ({ kind }: { kind: Kind }) => (
  <svg
    aria-hidden="true"
    viewBox="0 0 20 20"
    width="14"
    height="14"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.6"
    strokeLinecap="round"
    strokeLinejoin="round"
    className="mr-1 inline-block align-[-2px]"
  >
    <path d={paths[kind]} />
  </svg>
)
