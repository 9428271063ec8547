import { imagePathOrNull } from "@/lib/pictures/address"
import type { Invitation } from "./invitation"
import type { Member, OwnerChoice } from "./organization"
import { abilities, allows } from "@/lib/access/policy"
import { roles, type Role } from "@/lib/auth/actor"

export const presentMember = ({ username, name, avatar_url, role, joined_at }: Member) => ({
  username,
  name,
  avatar_url: imagePathOrNull(avatar_url),
  role,
  joined_at,
})
export type MemberBody = ReturnType<typeof presentMember>

/** An invitation for people; never with the secret of a link. */
export const presentInvitation = ({
  id,
  organization,
  organization_name,
  avatar_url,
  role,
  user,
  invited_by,
  created_at,
  expires_at,
}: Invitation) => ({
  id,
  organization,
  organization_name,
  avatar_url: imagePathOrNull(avatar_url),
  role,
  user,
  invited_by,
  created_at,
  expires_at,
})

/** An account in the owner picker. */
export const presentOwnerChoice = ({ owner, role, refused }: OwnerChoice) => ({
  username: owner.username,
  name: owner.name,
  type: owner.type,
  avatar_url: imagePathOrNull(owner.avatar_url),
  role,
  refused,
})
export type OwnerChoiceBody = ReturnType<typeof presentOwnerChoice>

/** Each role in a line. */
export const rolesInWords: Record<Role, string> = {
  owner: "Everything, including managing owners",
  admin: "Manages members, tokens and all models",
  developer: "Creates models and pushes versions",
  viewer: "Sees private models, read-only",
}

/** The permissions by role, for people. */
export const permissionTable = () =>
  Object.values(abilities).map(({ label }, at) => ({
    label,
    roles: roles.map((role) => allows(role, Object.keys(abilities)[at] as keyof typeof abilities)),
  }))
