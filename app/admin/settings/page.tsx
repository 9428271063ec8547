import { PageHeader } from "@/components/ui/page-header"
import { revisionOf } from "@/lib/revision"
import { listSettings, type SettingName } from "@/lib/instance/setting"
import { NothingHere } from "../../nothing-here"
import { loadAdminPage, adminMetadata } from "../admin-page"
import { settingsOf } from "../values"
import { SettingsForm } from "./settings-form"

export const generateMetadata = adminMetadata("Instance settings", "/admin/settings")

const words: Record<SettingName, { label: string; hint: string }> = {
  SIGNUP: { label: "Sign-up", hint: "Whether visitors may open accounts by themselves." },
  SIGNUPS_PER_HOUR: {
    label: "Accounts an hour",
    hint: "How many one address may open; organizations that one person may open, too.",
  },
  MODELS_PER_ACCOUNT: {
    label: "Models of an account",
    hint: "Those that are there stay when the number becomes smaller.",
  },
  STORAGE_PER_ACCOUNT_GB: { label: "Images of an account, in GB", hint: "0 for any amount." },
  RATE_LIMIT_PER_MINUTE: { label: "API requests of a token in a minute", hint: "0 for any number." },
  ANONYMOUS_RATE_LIMIT_PER_MINUTE: {
    label: "API requests of an address without a valid token in a minute",
    hint: "0 for any number.",
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
        lead="They hold at once, over what the environment of the server says. Everything else is set there."
        className="mb-8"
      />
      <SettingsForm settings={settings} revision={revisionOf(settingsOf(settings))} />
    </div>
  )
}
