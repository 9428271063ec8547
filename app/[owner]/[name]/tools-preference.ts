/** The name of the cookie that says that Docker and Cog are installed on this machine. */
export const toolsPreference = "tools"
