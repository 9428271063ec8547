import { expect, type Locator, type Page } from "@playwright/test"

// The accessible names that users' scripts rely on; all tests find forms by them.

/** The fields of sign-in and sign-up. */
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

/** The fields of the create page. */
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
    /** Expands all sections of the hardware picker. */
    showAllHardware: () => openFolds(hardware),
    /** Picks hardware, even in a collapsed section. */
    async chooseHardware(name: string) {
      const radio = hardware.getByRole("radio", { name, exact: true, includeHidden: true })
      if (!(await radio.isVisible())) await openFolds(hardware)
      await radio.check()
    },
    /** Expands the sections next to the form: cost and code. */
    showSummary: () => openFolds(main.getByRole("complementary")),
    more: main.locator("summary", { hasText: "More" }),
    link: (label: string) => main.getByLabel(label, { exact: true }),
    submit: main.getByRole("button", { name: "Create model", exact: true }),
  }
}

/** Expands all collapsed sections in a part of a page. */
export async function openFolds(part: Locator): Promise<void> {
  const closed = part.locator("details:not([open]) > summary")
  while ((await closed.count()) > 0) await closed.first().click()
}

/** Passes if the control is marked invalid and the message is part of its accessible description. */
export async function expectComplaint(control: Locator, message: string | RegExp): Promise<void> {
  await expect(control).toHaveAttribute("aria-invalid", "true")
  await expect(control).toHaveAccessibleDescription(message)
}
