import { redirect } from "next/navigation"

import { NothingHere, nothingHere } from "../nothing-here"
import { loadAdminPage } from "./admin-page"

export const metadata = nothingHere

export default async function AdminPage() {
  if (!(await loadAdminPage("/admin"))) return <NothingHere />
  redirect("/admin/users")
}
