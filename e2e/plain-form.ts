import type { APIRequestContext, APIResponse } from "@playwright/test"

/**
 * Fetches a page and posts the form that contains a button of that name, as a browser without scripts does. The origin
 * is the page's own, unless another one is given; null sends none.
 */
export async function postForm(
  request: APIRequestContext,
  path: string,
  button: string,
  values: Record<string, string>,
  claimed?: string | null,
): Promise<APIResponse> {
  const page = await request.get(path)
  const { origin, pathname, search } = new URL(page.url())
  return request.post(`${pathname}${search}`, {
    headers: claimed === null ? {} : { origin: claimed ?? origin },
    multipart: { ...hiddenValuesOf(await page.text(), button), ...values },
    maxRedirects: 0,
  })
}

/** The hidden fields of the form with that button. */
export const hiddenValuesOf = (html: string, button: string): Record<string, string> =>
  hiddenValues(formWith(button, html))

function formWith(button: string, html: string) {
  const form = html
    .match(/<form\b.*?<\/form>/gs)
    ?.find((text) => new RegExp(`>${button}<|aria-label="${button}"`).test(text))
  if (!form) throw new Error(`No form with the button "${button}" in ${html.slice(0, 500)}`)
  return form
}

function hiddenValues(form: string) {
  const inputs = form.match(/<input type="hidden"[^>]*>/g) ?? []
  return Object.fromEntries(inputs.map((input) => [attribute(input, "name"), attribute(input, "value")]))
}

const attribute = (tag: string, name: string) =>
  (new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? "")
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
