# One file for all four services; the command says which one runs. Types are stripped while loading, which is refused inside
# node_modules: so the workspace itself is copied, not a bundle of it.
FROM node:26-bookworm-slim AS workspace
WORKDIR /app
COPY package.json ./
RUN npm install --global --silent "$(node -p "require('./package.json').packageManager")"
COPY . .

# Everything that tells the story, and wallets for it. Built only on request: docker compose run --rm story
FROM workspace AS story
RUN pnpm install --frozen-lockfile --no-optional --reporter=append-only --loglevel=warn
USER node
ENTRYPOINT ["infra/images/entrypoint.sh"]
CMD ["node", "scripts/start.ts", "--attach"]

FROM workspace AS services
RUN pnpm install --frozen-lockfile --no-optional --prod --filter='{./services/*}...' --reporter=append-only --loglevel=warn \
  && rm -rf packages/pg-dev packages/test-* scripts tests

FROM node:26-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=services /app ./
# A volume takes the owner of the folder that it first covers. No file of the program belongs to the user that runs it.
RUN cd / && install --directory --owner=node --group=node --mode=0700 data volumes/anchor volumes/issuer volumes/verifier \
  volumes/registry volumes/story && install --directory --owner=node --group=node data/public volumes/passwords
USER node
ENTRYPOINT ["infra/images/entrypoint.sh"]
CMD ["node", "services/issuer/src/main.ts"]
