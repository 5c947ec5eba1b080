# The worker with TensorFlow for CUDA 12. CUDA and cuDNN come with TensorFlow's Python wheels, so the base image is the
# plain Node one; the driver comes from the host through the NVIDIA container runtime.
#
#   docker build -f docker/worker.gpu.Dockerfile -t stillhouse-worker-gpu .

FROM node:22.23.5-bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends g++ make python3 python3-pip \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts ./scripts
RUN node scripts/setup.mjs --only=packages,sqlite,tensor --gpu
# Set-up goes on without native TensorFlow where it cannot be had; this image must not.
RUN test -d node_modules/@tensorflow/tfjs-node-gpu/deps/nvidia/cudnn/lib
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
# Kernels that TensorFlow compiles for a new GPU are kept beside the data, or each trainer would compile them again.
RUN mkdir -p /data/cuda-cache && chown -R node:node /data
USER node
ENV NODE_ENV=production DATA_DIR=/data TENSOR_BACKEND=gpu \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    CUDA_CACHE_PATH=/data/cuda-cache CUDA_CACHE_MAXSIZE=4294967296
VOLUME /data
CMD ["node", "dist/bin/worker.js"]
