import { Badge } from "./ui/badge"
import { GlobeIcon, LockIcon } from "./ui/icons"

export const VisibilityBadge = ({ visibility }: { visibility: "public" | "private" }) =>
  visibility === "private" ? (
    <Badge tone="warn" icon={<LockIcon size={12} />}>
      Private
    </Badge>
  ) : (
    <Badge icon={<GlobeIcon size={12} />}>Public</Badge>
  )
