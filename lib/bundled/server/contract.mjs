/** The version of Cog whose HTTP contract and schemas these models have. */
export const contract = "0.16.12"
