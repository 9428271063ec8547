import { PageHeader } from "@/components/ui/page-header"
import { revisionOf } from "@/lib/revision"
import { listSettings, type SettingName } from "@/lib/instance/setting"
import { NothingHere } from "../../nothing-here"
import { loadAdminPage, adminMetadata } from "../admin-page"
import { settingsOf } from "../values"
import { SettingsForm } from "./settings-form"

export const generateMetadata = adminMetadata("Instance settings", "/admin/settings")

const words: Record<SettingName, { label: string; hint: string }> = {
  SIGNUP: { label: "Sign-up", hint: "Whether visitors can create accounts." },
  SIGNUPS_PER_HOUR: {
    label: "Accounts per hour",
    hint: "How many accounts one address can create, and how many organizations one person.",
  },
  MODELS_PER_ACCOUNT: {
    label: "Models per account",
    hint: "Existing models stay if you lower the limit.",
  },
  STORAGE_PER_ACCOUNT_GB: { label: "Storage per account, in GB", hint: "0 for no limit." },
  RATE_LIMIT_PER_MINUTE: { label: "API requests per minute and token", hint: "0 for no limit." },
  ANONYMOUS_RATE_LIMIT_PER_MINUTE: {
    label: "API requests per minute and address without a valid token",
    hint: "0 for no limit.",
  },
}

export default async function SettingsPage() {
  const actor = await loadAdminPage("/admin/settings")
  if (!actor) return <NothingHere />
  const settings = (await listSettings(actor)).map((setting) => ({ ...setting, ...words[setting.name] }))

  return (
    <div className="max-w-xl">
      <PageHeader
        title="Instance settings"
        lead="These take effect immediately and override the server’s environment. Everything else is set there."
        className="mb-8"
      />
      <SettingsForm settings={settings} revision={revisionOf(settingsOf(settings))} />
    </div>
  )
}
