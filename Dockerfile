# Understudy in a container. Build: docker build -t understudy .   Run: compose.yaml beside this file.
FROM node:24-trixie-slim AS build
WORKDIR /srv/understudy
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev --include=optional
COPY . .
RUN NEXT_TELEMETRY_DISABLED=1 node scripts/start.mjs --build-only
# What only builds, tests, explains or runs elsewhere is two thirds of it, and goes.
RUN npm prune --omit=dev --include=optional \
  && rm -rf data .next/cache node_modules/node-linux-* node_modules/playwright* node_modules/@next/swc-* node_modules/next/dist/docs node_modules/better-sqlite3/deps \
    node_modules/@aws-sdk/*/dist-es node_modules/@aws-sdk/*/dist-types node_modules/@smithy/*/dist-es node_modules/@smithy/*/dist-types \
  && find node_modules/better-sqlite3/prebuilds -type f ! -name "linux-$(node -p process.arch).node" -delete \
  && find . -name "*.map" -delete

# pg_dump and pg_restore, for backups and for the copy before an upgrade when PostgreSQL is used; their package would bring Perl along.
FROM node:24-trixie-slim AS postgresql
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client

FROM node:24-trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
COPY --from=postgresql /usr/lib/postgresql/*/bin/pg_dump /usr/lib/postgresql/*/bin/pg_restore /usr/local/bin/
WORKDIR /srv/understudy
# The command line runs from the sources, so they stay; nothing in here is writable for the account that runs it.
COPY --from=build /srv/understudy ./
RUN mkdir /data && chown 10001:10001 /data && chmod 700 /data
USER 10001:10001
ENV NODE_ENV=production NEXT_TELEMETRY_DISABLED=1 DATA_DIR=/data PORT=3000 HOME=/tmp
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No npm in between: a signal reaches the server itself.
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=50", "server.mjs"]
