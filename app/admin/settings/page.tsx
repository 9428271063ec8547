import { PageHeader } from "@/components/ui/page-header"
import { revisionOf } from "@/lib/revision"
import { listSettings, type SettingName } from "@/lib/settings/setting"
import { NothingHere } from "../../nothing-here"
import { loadAdminPage, adminMetadata } from "../admin-page"
import { settingsOf } from "../values"
import { SettingsForm } from "./settings-form"

export const generateMetadata = adminMetadata("Installation settings", "/admin/settings")

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
  PREDICTIONS_PER_ACCOUNT: {
    label: "Queued and running predictions per account",
    hint: "More are rejected until some have ended. 0 for no limit.",
  },
  PREDICTIONS_PER_TOKEN: { label: "Queued and running predictions per token", hint: "0 for no limit." },
  API_DATA_HOURS: {
    label: "Hours to keep the data of API predictions",
    hint: "Input, output, logs and files, after the prediction has finished. 0 to keep them until they are deleted.",
  },
  WEB_DATA_DAYS: {
    label: "Days to keep the data of predictions made on the web",
    hint: "0 to keep it until it is deleted.",
  },
  RUN_LIMIT_MINUTES: { label: "Time limit of a prediction, in minutes", hint: "Longer predictions are stopped." },
  RUN_EGRESS: { label: "Internet access of models", hint: "For models whose owners ask for it." },
  PREDICTION_RATE_LIMIT_PER_MINUTE: { label: "New predictions per minute and token", hint: "0 for no limit." },
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
        title="Installation settings"
        lead="These take effect immediately and override the server’s environment. Everything else is set there."
        className="mb-8"
      />
      <SettingsForm settings={settings} revision={revisionOf(settingsOf(settings))} />
    </div>
  )
}
