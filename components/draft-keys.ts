/** The draft of a model, and of a deployment, that an account is about to create. */
export const modelDraft = (account: string) => `understudy.create-draft.${account}`
export const deploymentDraft = (account: string) => `understudy.deployment-draft.${account}`
