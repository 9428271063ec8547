import type { Actor } from "@/lib/auth/actor"
import { missing } from "@/lib/problem"
import type { Form } from "./form"
import { typesAsJsonSchema } from "./types-json-schema"
import { typesInPython } from "./types-python"
import { typesInTypeScript } from "./types-typescript"
import { getForm } from "./version"

/** The languages in which a version has types, by their names in addresses. */
export const typeLanguages = {
  typescript: { label: "TypeScript", ending: "ts", type: "text/plain; charset=utf-8", written: typesInTypeScript },
  python: { label: "Python", ending: "py", type: "text/plain; charset=utf-8", written: typesInPython },
  "json-schema": {
    label: "JSON Schema",
    ending: "json",
    type: "application/schema+json; charset=utf-8",
    written: typesAsJsonSchema,
  },
} as const
export type TypeLanguage = keyof typeof typeLanguages

/** Types as a file. */
export type TypesFile = { text: string; name: string; type: string }

/** The types of what a version takes and gives. Throws what `getForm` throws, and `missing` for another language. */
export async function getTypes(
  actor: Actor | null,
  owner: string,
  name: string,
  id: string,
  language: string,
): Promise<TypesFile> {
  if (!Object.hasOwn(typeLanguages, language)) throw missing()
  const { ending, type } = typeLanguages[language as TypeLanguage]
  const form = await getForm(actor, owner, name, id)
  return { text: writeTypes(form, owner, name, id, language as TypeLanguage), name: `${name}.${ending}`, type }
}

/** The types of a form that is already loaded. */
const writeTypes = (form: Form, owner: string, name: string, id: string, language: TypeLanguage): string =>
  typeLanguages[language].written(form, `${owner}/${name}:${id}`)

/** The headers of types that are downloaded. */
export const typesHeaders = ({ name, type }: TypesFile) => ({
  "content-type": type,
  "content-disposition": `attachment; filename="${name}"`,
  "cache-control": "private, no-cache",
})

/** All languages of a form that is already loaded, with the addresses of their files. */
export const allTypes = (form: Form, owner: string, name: string, id: string) =>
  (Object.keys(typeLanguages) as TypeLanguage[]).map((language) => ({
    id: language,
    label: typeLanguages[language].label,
    text: writeTypes(form, owner, name, id, language),
    href: `/${owner}/${name}/versions/${id}/types/${language}`,
  }))
