import type { Actor } from "@/lib/auth/actor"
import { missing } from "@/lib/problem"
import type { Form } from "./form"
import { typesAsJsonSchema } from "./types-json-schema"
import { typesInPython } from "./types-python"
import { typesInTypeScript } from "./types-typescript"
import { getForm } from "./version"

/** The languages for a version's types, by their names in URLs. */
const typeLanguages = {
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

/** The types as a file. */
export type TypesFile = { text: string; name: string; type: string }

/** The types of a version's inputs and outputs. Throws what `getForm` throws, and `missing` for an unknown language. */
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

/** The headers for downloading types. */
export const typesHeaders = ({ name, type }: TypesFile) => ({
  "content-type": type,
  "content-disposition": `attachment; filename="${name}"`,
  "cache-control": "private, no-cache",
})

/** The types of a form that is already loaded in all languages, with the URLs of their files. */
export const allTypes = (form: Form, owner: string, name: string, id: string) =>
  (Object.keys(typeLanguages) as TypeLanguage[]).map((language) => ({
    id: language,
    label: typeLanguages[language].label,
    text: writeTypes(form, owner, name, id, language),
    href: `/${owner}/${name}/versions/${id}/types/${language}`,
  }))
