# The worker and its trainer, with native TensorFlow on the CPU.
#
#   docker build -f docker/worker.Dockerfile -t stillhouse-worker .

FROM node:22.23.5-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ make python3 python3-pip \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts ./scripts
RUN node scripts/setup.mjs --only=packages,sqlite,tensor
# Set-up goes on without native TensorFlow where it cannot be had; this image must not.
RUN test -f node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY kernel ./kernel
RUN node scripts/setup.mjs --only=build,kernel
RUN npm prune --omit=dev --no-audit --no-fund
# The libraries themselves in place of the links into set-up's cache, which stays behind.
RUN cd node_modules/@tensorflow/tfjs-node-gpu \
 && cp -rL deps deps-copied && rm -rf deps && mv deps-copied deps

FROM node:22.23.5-bookworm-slim
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir /data && chown node:node /data
USER node
ENV NODE_ENV=production DATA_DIR=/data TENSOR_BACKEND=native
VOLUME /data
CMD ["node", "dist/bin/worker.js"]
