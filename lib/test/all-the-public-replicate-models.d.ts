declare module "all-the-public-replicate-models" {
  const models: {
    owner: string
    name: string
    description: string | null
    visibility: "public"
    latest_version: { openapi_schema: unknown } | null
  }[]
  export default models
}
