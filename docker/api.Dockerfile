# The api: serves from artifacts, so it has neither TensorFlow nor a compiler in it.
#
#   docker build -f docker/api.Dockerfile -t stillhouse-api .

FROM node:22.23.5-bookworm-slim AS build
# For the SQLite driver, in case its prebuilt file cannot be reached.
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ make python3 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts ./scripts
RUN node scripts/setup.mjs --only=packages,sqlite
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY kernel ./kernel
RUN node scripts/setup.mjs --only=build,kernel
RUN npm prune --omit=dev --omit=optional --no-audit --no-fund \
 && rm -rf node_modules/@tensorflow

FROM node:22.23.5-bookworm-slim
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# A named volume takes over the owner of the folder that it is mounted on.
RUN mkdir /data && chown node:node /data
USER node
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/bin/api.js"]
