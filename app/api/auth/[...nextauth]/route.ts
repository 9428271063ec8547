import { authRoutes } from "@/lib/next/session"

export { authRoutes as GET, authRoutes as POST }
