import { SignOutIcon } from "@/components/ui/icons"
import { signOutAction } from "./actions"

/** The last entry of the account menu. A form, so that it works without scripts and no link can trigger it. */
export function SignOut() {
  return (
    <form action={signOutAction}>
      <button
        type="submit"
        className="flex min-h-9 w-full items-center gap-2 rounded-sm px-2.5 text-left hover:bg-hover"
      >
        <SignOutIcon size={16} className="text-muted" />
        Sign out
      </button>
    </form>
  )
}
