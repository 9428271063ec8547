import { redirect } from "next/navigation"

import { NothingHere } from "../nothing-here"
import { shownAdmin } from "./shown-admin"

export default async function AdminPage() {
  if (!(await shownAdmin("/admin"))) return <NothingHere />
  redirect("/admin/users")
}
