/** The Cog version whose HTTP API and schemas these models implement. */
export const contract = "0.16.12"
