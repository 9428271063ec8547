import { authRoutes } from "@/lib/auth/session"

export { authRoutes as GET, authRoutes as POST }
