import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError, messageOf, problem } from '../core/errors.ts';
import { readSafetensors, type Tensor, writeSafetensors } from './format/safetensors.ts';
import { fingerprint } from './store/fingerprint.ts';
import type { ArtifactStore } from './store/store.ts';

const FORMAT_VERSION = 1;
const STATE_FILE = 'state.safetensors';

/**
 * The teacher of a version, in the folder `teacher` of its artifact: manifest.json and state.safetensors. A version of several
 * tasks has one in `teacher/tasks/<name>` for each. So it is there when the version is, and goes with it. Its items are those of the version's items.json, in the same order. Serving never reads it.
 */
const TeacherManifest = Type.Object(
  {
    formatVersion: Type.Literal(FORMAT_VERSION),
    kind: Type.String(),
    /** A name for people, such as "softmax 600". */
    description: Type.String(),
    settings: Type.Record(Type.String(), Type.Unknown()),
    epochs: Type.Number(),
    /** The candidates that it was chosen from, if there was a choice. */
    tried: Type.Optional(Type.Array(Type.Unknown())),
    bytes: Type.Integer(),
    sha256: Type.String(),
  },
  { additionalProperties: false },
);
type TeacherManifest = Static<typeof TeacherManifest>;

/** A teacher at rest, as training knows it. */
export interface TeacherAtRest {
  kind: string;
  settings: Record<string, unknown>;
  epochs: number;
  tensors: Record<string, { shape: number[]; values: Float32Array }>;
  tried?: unknown[];
}

const validator = Compile(TeacherManifest);
const folderOf = (task?: string) => (task === undefined ? 'teacher' : `teacher/tasks/${task}`);

/** Packs a teacher into files, by their names below the folder of the version. @param task that it teaches, where the version has several */
export function packTeacher(state: TeacherAtRest, description: string, task?: string): Map<string, Buffer> {
  const folder = folderOf(task);
  const { kind, settings, epochs, tensors, tried } = state;
  const named = Object.entries(tensors).map(([name, { shape, values }]): [string, Tensor] => [
    name,
    { dtype: 'F32', shape, data: values },
  ]);
  const bytes = writeSafetensors(new Map(named));
  const manifest: TeacherManifest = {
    formatVersion: FORMAT_VERSION,
    kind,
    description,
    settings,
    epochs,
    ...(tried && { tried }),
    ...fingerprint(bytes),
  };
  return new Map([
    [`${folder}/${STATE_FILE}`, bytes],
    [`${folder}/manifest.json`, Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)],
  ]);
}

/**
 * Finds the teacher of a version without reading it; null where none is stored.
 * @param task that is to be taught: by the teacher of the task of that name, or by that of a version of one task
 */
export async function findStoredTeacher(
  artifacts: Pick<ArtifactStore, 'get'>,
  artifact: string,
  task?: string,
): Promise<{ folder: string; manifest: TeacherManifest } | null> {
  const places = task === undefined ? [folderOf()] : [folderOf(task), folderOf()];
  for (const place of places) {
    const folder = `${artifact}/${place}`;
    const manifest = await readManifest(artifacts, folder);
    if (manifest) return { folder, manifest };
  }
  return null;
}

async function readManifest(
  artifacts: Pick<ArtifactStore, 'get'>,
  folder: string,
): Promise<TeacherManifest | null> {
  const file = await artifacts.get(`${folder}/manifest.json`).catch((error) => {
    if (error instanceof AppError && error.code === 'not-found') return null;
    throw error;
  });
  if (!file) return null;
  const manifest = parse(file);
  if (validator.Check(manifest)) return manifest;
  const reasons = validator.Errors(manifest).map((e) => `${e.instancePath || 'it'} ${e.message}`);
  throw invalid(`manifest.json is not valid: ${reasons.join('; ')}`);
}

/**
 * Reads a stored teacher and its hash, and believes nothing.
 * @param task see findStoredTeacher
 * @throws problem('invalid-artifact') with the reason
 */
export async function loadTeacher(
  artifacts: Pick<ArtifactStore, 'get'>,
  artifact: string,
  task?: string,
): Promise<{ state: TeacherAtRest; sha256: string } | null> {
  const stored = await findStoredTeacher(artifacts, artifact, task);
  if (!stored) return null;
  const { folder, manifest } = stored;
  const file = await artifacts.get(`${folder}/${STATE_FILE}`).catch((error) => {
    if (error instanceof AppError && error.code === 'not-found') throw invalid(`${STATE_FILE} is missing`);
    throw error;
  });
  const found = fingerprint(file);
  if (found.bytes !== manifest.bytes || found.sha256 !== manifest.sha256) {
    throw invalid(
      `${STATE_FILE} is damaged: ${found.bytes} bytes where ${manifest.bytes} with another sha256 were written`,
    );
  }
  const tensors: TeacherAtRest['tensors'] = {};
  for (const [name, tensor] of readSafetensors(file, STATE_FILE)) {
    if (tensor.dtype !== 'F32') throw invalid(`tensor ${name} is ${tensor.dtype}, not F32`);
    tensors[name] = { shape: [...tensor.shape], values: tensor.data };
  }
  const { kind, settings, epochs, tried, sha256 } = manifest;
  return { state: { kind, settings, epochs, tensors, ...(tried && { tried }) }, sha256 };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw invalid(`manifest.json is not JSON: ${messageOf(error)}`);
  }
}

function invalid(reason: string): AppError {
  return problem('invalid-artifact', `the stored teacher cannot be used: ${reason}`);
}
