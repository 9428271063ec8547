import { redirect } from "next/navigation"

type Props = { params: Promise<{ name: string }> }

/** An organization's profile is at /name, like that of every account. */
export default async function OrganizationPage({ params }: Props) {
  redirect(`/${(await params).name}`)
}
