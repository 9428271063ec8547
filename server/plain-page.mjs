// Pages that need neither Next nor scripts, for errors outside of Next.

/**
 * Responds with a page that consists of a title and a text.
 * @param {import("node:http").ServerResponse} response
 * @param {number} status
 * @param {string} title
 * @param {string} text
 */
export function sendPlainPage(response, status, title, text) {
  const body = plainPage(title, text)
  response.statusCode = status
  response.setHeader("content-type", "text/html; charset=utf-8")
  response.setHeader("content-length", Buffer.byteLength(body))
  response.setHeader("cache-control", "no-store")
  response.end(body)
}

/**
 * When Next fails, it responds with three words of plain text. Requests for a page get an error page instead; requests
 * from our scripts still get the text.
 * @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response
 */
export function mendPlainErrors({ headers, method }, response) {
  if (headers.rsc !== undefined || headers["next-action"] !== undefined || method === "HEAD") return
  const end = response.end.bind(response)
  response.end = (/** @type {any[]} */ ...rest) => {
    response.end = end
    const type = String(response.getHeader("content-type") ?? "text/plain")
    if (response.headersSent || response.statusCode < 500 || !type.startsWith("text/plain")) return end(...rest)
    sendPlainPage(
      response,
      response.statusCode,
      "Something went wrong on our side",
      "It has been written to the log. Go back and try again in a moment.",
    )
    return response
  }
}

/** @param {string} title @param {string} text */
const plainPage = (title, text) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} · Understudy</title>
<style>
:root { --bg: #fafaf7; --text: #16201b; --accent: #0b6b4f; }
@media (prefers-color-scheme: dark) { :root { --bg: #0f1412; --text: #eaefeb; --accent: #5cd6a9; } }
html { background: var(--bg); color: var(--text); }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 40rem; padding: 5rem 1.5rem; }
h1 { font-size: 1.875rem; letter-spacing: -0.02em; line-height: 1.25; }
p { overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: 0.2em; }
a:focus-visible { border-radius: 4px; outline: 2px solid; outline-offset: 2px; }
</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(text)}</p>
<p><a href="/">To the start page</a></p>
</main>
</body>
</html>
`

/** @param {string} text */
const escaped = (text) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
