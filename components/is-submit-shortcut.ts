/** Whether a key submits the form it was pressed in. Not on a link, which it opens in a new tab. */
export const isSubmitShortcut = ({
  key,
  metaKey,
  ctrlKey,
  target,
}: Pick<KeyboardEvent, "key" | "metaKey" | "ctrlKey" | "target">): boolean =>
  key === "Enter" && (metaKey || ctrlKey) && !(target instanceof HTMLAnchorElement)
