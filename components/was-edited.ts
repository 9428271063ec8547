/** Whether any control in an element differs from the HTML: it was edited before hydration, or restored by the browser. */
export const wasEdited = (html: HTMLElement): boolean =>
  [
    ...html.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLOptionElement>("input, textarea, option"),
  ].some((control) =>
    control instanceof HTMLOptionElement
      ? control.selected !== control.defaultSelected
      : control.value !== control.defaultValue ||
        (control instanceof HTMLInputElement && control.checked !== control.defaultChecked),
  )
