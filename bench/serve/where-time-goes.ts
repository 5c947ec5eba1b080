import type { CpuProfile } from './api-process.ts';

export interface Share {
  where: string;
  /** Of the samples in which the process was not idle. */
  share: number;
}

/** Folders of the service, packages, Node's own modules, and what has no file: the engine, its collector, system calls. */
export function whereTimeGoes(profile: CpuProfile): { places: Share[]; functions: Share[] } {
  const places = new Map<string, number>();
  const functions = new Map<string, number>();
  const byId = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  let total = 0;
  profile.samples.forEach((id, i) => {
    const { functionName, url } = byId.get(id)!;
    if (functionName === '(idle)') return;
    const time = profile.timeDeltas[i]!;
    const place = placeOf(functionName, url);
    total += time;
    places.set(place, (places.get(place) ?? 0) + time);
    const name = `${functionName || '(anonymous)'}, ${place}`;
    functions.set(name, (functions.get(name) ?? 0) + time);
  });
  const sorted = (times: Map<string, number>, size: number) =>
    [...times]
      .map(([where, time]) => ({ where, share: time / total }))
      .sort((a, b) => b.share - a.share)
      .slice(0, size);
  return { places: sorted(places, 14), functions: sorted(functions, 20) };
}

function placeOf(name: string, url: string): string {
  if (url.startsWith('wasm:')) return 'kernel (WebAssembly)';
  if (url.startsWith('node:')) return url.replace(/^node:internal\//, 'node:');
  const inPackage = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (inPackage) return inPackage[1]!;
  const inService = /\/dist\/(.+)\.js$/.exec(url);
  if (inService) return `src/${inService[1]}`;
  if (url !== '') return url.split('/').at(-1)!;
  return name.startsWith('(') ? name : 'built into Node';
}
