import { redirect } from "next/navigation"

import { NothingHere, nothingHere } from "../nothing-here"
import { shownAdmin } from "./shown-admin"

export const metadata = nothingHere

export default async function AdminPage() {
  if (!(await shownAdmin("/admin"))) return <NothingHere />
  redirect("/admin/users")
}
