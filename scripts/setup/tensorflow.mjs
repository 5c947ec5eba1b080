// @ts-check
// The addon's own installer downloads an old TensorFlow; this builds it against TensorFlow 2.18.1 out of the Python wheel.
import { existsSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  buildIntoCache,
  cachedAddon,
  installedVersion,
  isMusl,
  loads,
  nodeGypRebuild,
  runtimeKey,
} from './addon.mjs';
import { CommandFailure, run } from './commands.mjs';
import { copyAtomically, createFolderAtomically, fingerprint, linkAtomically } from './files.mjs';
import { cacheFolder, packageFolder } from './paths.mjs';
import { missingBuildTools, requireCompiler, requirePip } from './prerequisites.mjs';
import { SetupProblem } from './problem.mjs';
import { fetchWheel, wheelFor, wheelTags } from './wheels.mjs';

const packageName = '@tensorflow/tfjs-node-gpu';
const product = 'lib/napi-v8/tfjs_binding.node';
const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const cudaRequirement = 'tensorflow[and-cuda]==2.18.1';

/** @typedef {import('./step.mjs').Context} Context */

/** @type {import('./step.mjs').Step} */
export const tensorStep = {
  name: 'tensor',
  isDone(context) {
    const done = context.state.done.tensor;
    if (done === undefined || done !== doneKey(context)) return false;
    const failed = context.state.tensor.backend === 'wasm' && !reasonToLeaveOut(context);
    return !(failed && context.retry);
  },
  async run(context) {
    const { state } = context;
    state.tensor = await decide(context);
    state.done.tensor = doneKey(context);
    const { backend, library, reason } = state.tensor;
    return backend === 'native'
      ? `native TensorFlow 2.18.1 (${library})`
      : `training will use WebAssembly: ${reason}`;
  },
};

/** @param {Context} context @returns {Promise<import('./state.mjs').SetupState['tensor']>} */
async function decide(context) {
  const left = reasonToLeaveOut(context);
  if (left) return { backend: 'wasm', reason: left };
  const library = wantedLibrary(context);
  try {
    await install(library);
    return { backend: 'native', library };
  } catch (error) {
    const reason = error instanceof SetupProblem ? error.message : buildProblem(error);
    return { backend: 'wasm', reason };
  }
}

/** @param {Context} context */
function reasonToLeaveOut({ env }) {
  const asked = env.TENSOR_BACKEND;
  if (asked === 'wasm' || asked === 'cpu') return `TENSOR_BACKEND is ${asked}.`;
  if (!wheelFor('tensorflow') || isMusl())
    return 'TensorFlow publishes its C library for Linux with glibc on x64 and arm64 only.';
  if (!installedVersion(packageName)) return `The optional package ${packageName} is not installed.`;
  return undefined;
}

/** Once CUDA was asked for it stays, so that `npm test` after `setup --gpu` tests that. @param {Context} context */
function wantedLibrary({ gpu, state }) {
  return (gpu ?? state.tensor.library === 'cuda') ? 'cuda' : 'cpu';
}

/** @param {Context} context */
function doneKey(context) {
  const left = reasonToLeaveOut(context);
  if (left) return left;
  const target = join(packageFolder(packageName), product);
  const linked = existsSync(join(packageFolder(packageName), 'deps/lib', String(libraries[0])));
  const made = [addonKey(), wantedLibrary(context), fingerprint(target), linked];
  // A compiler that was installed since is a reason to try again.
  const lacking = context.state.tensor.backend === 'wasm' ? missingBuildTools() : [];
  return [...made, ...lacking].join(' ');
}

function addonKey() {
  const wheel = wheelFor('tensorflow')?.sha256.slice(0, 12);
  return `tfjs-node-gpu-${installedVersion(packageName)}-tensorflow-${wheel}-${runtimeKey()}`;
}

/** @param {'cpu' | 'cuda'} library */
async function install(library) {
  const target = packageFolder(packageName);
  const isBuilt = existsSync(cachedAddon(addonKey()));
  if (!isBuilt) requireCompiler('to compile the TensorFlow addon');
  const site = library === 'cuda' ? await fetchCudaSite() : await fetchWheel('tensorflow');
  if (!isBuilt) await build(site);
  for (const name of libraries) {
    await linkAtomically(join(site, 'tensorflow', name), join(target, 'deps/lib', name));
  }
  // TensorFlow looks for CUDA beside the folder of its own library, as seen through the links above.
  if (library === 'cuda') await linkAtomically(join(site, 'nvidia'), join(target, 'deps/nvidia'));
  else await rm(join(target, 'deps/nvidia'), { force: true });
  await copyAtomically(cachedAddon(addonKey()), join(target, product));
  if (loads(join(target, product))) return;
  await rm(cachedAddon(addonKey()), { force: true });
  throw new SetupProblem('The TensorFlow addon was built and does not load.');
}

/** @param {string} site */
async function build(site) {
  await buildIntoCache(packageName, addonKey(), {
    members: ['binding.gyp', 'binding', 'package.json'],
    async make(folder) {
      await mkdir(join(folder, 'deps/lib'), { recursive: true });
      await symlink(join(site, 'tensorflow/include'), join(folder, 'deps/include'));
      for (const name of libraries) {
        await symlink(join(site, 'tensorflow', name), join(folder, 'deps/lib', name));
      }
      // The names that the linker's -ltensorflow and -ltensorflow_framework look for.
      await symlink('libtensorflow_cc.so.2', join(folder, 'deps/lib/libtensorflow.so'));
      await symlink('libtensorflow_framework.so.2', join(folder, 'deps/lib/libtensorflow_framework.so'));
      const output = join(folder, 'output');
      await nodeGypRebuild(folder, 'tensorflow-addon', [
        '--module_name=tfjs_binding',
        `--module_path=${output}`,
        '--napi_build_version=8',
      ]);
      return join(output, 'tfjs_binding.node');
    },
  });
}

/** About 4.5 GB: TensorFlow and the CUDA libraries, whose versions TensorFlow's own metadata pins. */
async function fetchCudaSite() {
  const folder = join(cacheFolder(), 'wheels', 'tensorflow-and-cuda-2.18.1');
  if (existsSync(folder)) return folder;
  requirePip(`to download ${cudaRequirement}`);
  const args = ['-m', 'pip', 'install', '--no-compile', ...wheelTags()];
  await createFolderAtomically(folder, (temporary) =>
    run('python3', [...args, '--target', temporary, cudaRequirement], { log: 'install-tensorflow-cuda' }),
  );
  return folder;
}

/** @param {unknown} error */
function buildProblem(error) {
  const text = error instanceof CommandFailure ? error.message : String(error);
  return `the TensorFlow addon could not be built: ${text}.`;
}
