// `npm run db:generate`: writes the migrations of both databases from db/schema/. Arguments go to drizzle-kit (`--
// --name add-tokens`).
import { prepare } from "./prepare.mjs"
import { run } from "./run.mjs"

await prepare()

for (const DATABASE_URL of ["", "postgres://generate"]) {
  const { code } = await run(
    process.execPath,
    ["node_modules/drizzle-kit/bin.cjs", "generate", ...process.argv.slice(2)],
    { env: { DATABASE_URL } },
  )
  if (code !== 0) process.exit(code)
}
