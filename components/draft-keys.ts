/** Keys of drafts in session storage: the create forms of models and of deployments, by account. */
export const modelDraft = (account: string) => `understudy.create-draft.${account}`
export const deploymentDraft = (account: string) => `understudy.deployment-draft.${account}`
