/** The cookie that remembers who has Docker and Cog: the tools stay on a machine, whatever is pushed next. */
export const toolsPreference = "tools"
