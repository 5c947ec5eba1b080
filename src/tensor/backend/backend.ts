import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf, problem } from '../../core/errors.ts';
import type { BackendName, Tfjs } from './context.ts';
import { createNative, type Native } from './native.ts';
import { patchComposedKernels } from './wasm-patches.ts';

export interface BackendOptions {
  backend?: 'auto' | BackendName;
  /** Threads of TensorFlow's pools; default: one per core. Fixed before the library loads, so once per process. */
  threads?: number;
}

export interface LoadedBackend {
  name: BackendName;
  tf: Tfjs;
  native?: Native;
  threads: number;
  reason?: string;
  device?: string;
}

const require = createRequire(import.meta.url);
// biome-ignore lint/style/noProcessEnv: TensorFlow takes its settings from the environment of its process and from nowhere else.
const environment = process.env;

/**
 * Loads the best backend that can be had, in the order gpu, native, wasm, cpu, or exactly the one that was asked for.
 *
 * @throws backend-unavailable with what is missing, when a backend was named
 */
export async function loadBackend(options: BackendOptions): Promise<LoadedBackend> {
  const wanted = options.backend ?? 'auto';
  const threads = options.threads ?? availableParallelism();
  const reasons: string[] = [];
  if (wanted === 'auto' || wanted === 'gpu' || wanted === 'native') {
    const loaded = await tryNative(wanted, threads);
    if (typeof loaded !== 'string') return loaded;
    if (wanted !== 'auto')
      throw problem('backend-unavailable', `the ${wanted} backend is not available: ${loaded}`);
    reasons.push(loaded);
  }
  if (wanted !== 'cpu') {
    const loaded = await tryWasm();
    if (typeof loaded !== 'string') return { ...loaded, reason: reasons.join('; ') || undefined };
    if (wanted === 'wasm')
      throw problem('backend-unavailable', `the wasm backend is not available: ${loaded}`);
    reasons.push(loaded);
  }
  const tf = await importTfjs();
  // Without this tfjs advertises its native package on standard error.
  tf.env().set('PROD', true);
  patchComposedKernels(tf, 'cpu');
  await tf.setBackend('cpu');
  return { name: 'cpu', tf, threads: 1, reason: reasons.join('; ') || undefined };
}

async function tryNative(
  wanted: 'auto' | 'gpu' | 'native',
  threads: number,
): Promise<LoadedBackend | string> {
  prepareLibrary(wanted, threads);
  let tf: Tfjs;
  try {
    tf = await importNative();
  } catch (error) {
    const text = messageOf(error).split('\n')[0]!;
    return `TensorFlow could not be loaded (${text}); run the set-up script to build it`;
  }
  const native = createNative(tf);
  if (native.usesGpu) return { name: 'gpu', tf, native, threads, device: gpuName() };
  if (wanted === 'gpu') return whyNoGpu(native.version);
  const reason = wanted === 'auto' ? `no gpu: ${whyNoGpu(native.version)}` : undefined;
  return { name: 'native', tf, native, threads, reason };
}

/** TensorFlow reads its settings from the environment while it loads; what the environment already says stays. */
function prepareLibrary(wanted: string, threads: number): void {
  // Node 23 removed two functions that tfjs-node 4.22 still calls.
  const util = require('node:util') as Record<string, unknown>;
  util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
  environment.TF_CPP_MIN_LOG_LEVEL ??= '1';
  // Off by default on many processors, where it doubles the speed of matrix products.
  environment.TF_ENABLE_ONEDNN_OPTS ??= '1';
  environment.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  environment.CUDA_CACHE_MAXSIZE ??= '4294967296';
  environment.TF_NUM_INTRAOP_THREADS = String(threads);
  environment.TF_NUM_INTEROP_THREADS = '1';
  environment.OMP_NUM_THREADS = String(threads);
  if (wanted === 'native') environment.CUDA_VISIBLE_DEVICES = '-1';
}

async function importNative(): Promise<Tfjs> {
  // A computed name keeps the optional dependency out of type checking: its typings need a build that may be absent.
  const name = '@tensorflow/tfjs-node-gpu';
  const loaded = (await import(name)) as { default?: Tfjs };
  return (loaded.default ?? loaded) as Tfjs;
}

async function importTfjs(): Promise<Tfjs> {
  const loaded = (await import('@tensorflow/tfjs')) as unknown as Tfjs & { default?: Tfjs };
  return loaded.default ?? loaded;
}

async function tryWasm(): Promise<LoadedBackend | string> {
  try {
    const tf = await importTfjs();
    const wasm = (await import('@tensorflow/tfjs-backend-wasm')) as unknown as WasmPackage & {
      default?: WasmPackage;
    };
    const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm'));
    (wasm.default ?? wasm).setWasmPaths(`${folder}/`);
    patchComposedKernels(tf, 'wasm');
    if (!(await tf.setBackend('wasm'))) return 'the wasm backend did not start';
    await tf.ready();
    return { name: 'wasm', tf, threads: 1 };
  } catch (error) {
    return `the wasm backend failed to start (${messageOf(error)})`;
  }
}

interface WasmPackage {
  setWasmPaths(folder: string): void;
}

/** One line on driver, devices and library: everything a person needs to see why TensorFlow found no GPU. */
function whyNoGpu(version: string): string {
  const driver =
    firstLine(() => readFileSync('/proc/driver/nvidia/version', 'utf8')) ?? 'no NVIDIA driver loaded';
  const devices = firstLine(() => query('-L')) ?? 'nvidia-smi lists no device';
  const cuda = hasCudaLibraries()
    ? 'CUDA libraries are beside TensorFlow'
    : 'TensorFlow is installed without its CUDA libraries';
  const visible = environment.CUDA_VISIBLE_DEVICES;
  const hidden = visible === undefined ? '' : `; CUDA_VISIBLE_DEVICES=${visible}`;
  return `TensorFlow ${version} found no GPU; driver: ${driver}; devices: ${devices}; library: ${cuda}${hidden}`;
}

function hasCudaLibraries(): boolean {
  try {
    const root = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
    return existsSync(join(root, 'deps', 'nvidia'));
  } catch {
    return false;
  }
}

function gpuName(): string {
  return firstLine(() => query('--query-gpu=name,memory.total', '--format=csv,noheader')) ?? 'GPU';
}

function query(...args: string[]): string {
  return execFileSync('nvidia-smi', args, {
    encoding: 'utf8',
    timeout: 5000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function firstLine(read: () => string): string | undefined {
  try {
    return read().trim().split('\n')[0];
  } catch {
    return undefined;
  }
}
