import { redirect } from "next/navigation"

type Props = { params: Promise<{ name: string }> }

/** An organization is shown where every account is. */
export default async function OrganizationPage({ params }: Props) {
  redirect(`/${(await params).name}`)
}
