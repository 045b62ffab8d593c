# One image for all four services; the command says which one runs. Types are stripped while loading, which is refused
# inside node_modules: so the whole workspace is copied, not a bundle of it.
FROM node:26-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npx --yes pnpm@12.21.0 install --frozen-lockfile --prod --no-optional --reporter=append-only --loglevel=warn

FROM node:26-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app /app
RUN mkdir -p /data/public && chown -R node:node /data
USER node
VOLUME /data
CMD ["node", "services/issuer/src/main.ts"]
