import os from 'node:os';
import path from 'node:path';

/** Keeps freed memory in the process: the buffers of one training step are asked for again in the next. */
const LARGE_BYTES = String(1024 ** 3);

/**
 * Variables that a trainer gets on top of the worker's, for libraries that read nothing else. TensorFlow and
 * the C library look at it once, when they are loaded.
 */
export function trainerEnvironment(
  base: Record<string, string | undefined>,
  trainersAtOnce: number,
  dataDir: string,
): Record<string, string | undefined> {
  const threads = String(Math.max(1, Math.floor(os.availableParallelism() / trainersAtOnce)));
  return {
    TF_CPP_MIN_LOG_LEVEL: '1',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    // A GPU newer than TensorFlow's own kernels compiles them at first use, which takes minutes: once is enough.
    CUDA_CACHE_PATH: path.join(dataDir, 'cuda-cache'),
    CUDA_CACHE_MAXSIZE: String(4 * 1024 ** 3),
    // glibc refuses thresholds above half of its heaps: 32 MiB on 64-bit systems.
    MALLOC_MMAP_THRESHOLD_: String(32 * 1024 ** 2),
    MALLOC_TRIM_THRESHOLD_: LARGE_BYTES,
    // Huge pages where the system gives them on request: a step walks through tables of megabytes.
    GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
    MALLOC_TOP_PAD_: String(64 * 1024 ** 2),
    OMP_NUM_THREADS: threads,
    TF_NUM_INTRAOP_THREADS: threads,
    // What the operator has set wins.
    ...base,
  };
}
