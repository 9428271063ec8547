import { expect, type Locator, type Page } from "@playwright/test"

// The accessible names that people's scripts rely on; every test finds the forms by them.

/** What sign-in and sign-up ask for. */
export function credentials(page: Page) {
  const main = page.getByRole("main")
  const username = main.getByLabel("Username", { exact: true })
  const password = main.getByLabel("Password", { exact: true })
  const signIn = main.getByRole("button", { name: "Sign in", exact: true })
  const createAccount = main.getByRole("button", { name: "Create account", exact: true })
  return {
    username,
    password,
    signIn,
    createAccount,
    async fill(name: string, secret: string) {
      await username.fill(name)
      await password.fill(secret)
    },
  }
}

/** What the create page asks for. */
export function createForm(page: Page) {
  const main = page.getByRole("main")
  const visibility = main.getByRole("group", { name: "Visibility", exact: true })
  const hardware = main.getByRole("group", { name: "Hardware", exact: true })
  return {
    owner: main.getByLabel("Owner", { exact: true }),
    name: main.getByLabel("Name", { exact: true }),
    description: main.getByLabel("Description", { exact: true }),
    visibility,
    publicly: visibility.getByRole("radio", { name: "Public", exact: true }),
    privately: visibility.getByRole("radio", { name: "Private", exact: true }),
    hardware,
    hardwareNamed: (name: string) => hardware.getByRole("radio", { name, exact: true, includeHidden: true }),
    /** Opens every fold of the hardware picker. */
    showAllHardware: () => openFolds(hardware),
    /** Picks hardware, wherever it is folded away. */
    async chooseHardware(name: string) {
      const radio = hardware.getByRole("radio", { name, exact: true, includeHidden: true })
      if (!(await radio.isVisible())) await openFolds(hardware)
      await radio.check()
    },
    /** Opens what stands folded beside the form: the cost and the code. */
    showSummary: () => openFolds(main.getByRole("complementary")),
    more: main.locator("summary", { hasText: "More" }),
    link: (label: string) => main.getByLabel(label, { exact: true }),
    submit: main.getByRole("button", { name: "Create model", exact: true }),
  }
}

/** Opens whatever is folded in a part of a page. */
export async function openFolds(part: Locator): Promise<void> {
  const closed = part.locator("details:not([open]) > summary")
  while ((await closed.count()) > 0) await closed.first().click()
}

/** Holds when the control says it is wrong and the message is part of what a screen reader says about it. */
export async function expectComplaint(control: Locator, message: string | RegExp): Promise<void> {
  await expect(control).toHaveAttribute("aria-invalid", "true")
  await expect(control).toHaveAccessibleDescription(message)
}
