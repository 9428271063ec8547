export const dynamic = "force-dynamic"

/** The least that the framework renders for a request; pages of the product are compared with it. */
export default function Page() {
  return <p>Hello</p>
}
