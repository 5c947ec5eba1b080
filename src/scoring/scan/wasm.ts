import { readFileSync } from 'node:fs';
import { builtFile } from '../../core/built-file.ts';

/** The exports of kernel/scan.ts. Places are byte offsets into the memory. */
export interface ScanExports {
  bindMatrix(blocks: number, rowBytes: number, q: number, scale: number, bias: number, order: number): void;
  bindBounds(
    width: number,
    blockNorm: number,
    blockBias: number,
    sketch: number,
    sketchScale: number,
    inside: number,
    outside: number,
    ceiling: number,
  ): void;
  bindScratch(user: number, projected: number, blocked: number, heapRows: number, heapScores: number): void;
  scanAll(k: number, step: number): number;
  scanBounded(
    k: number,
    step: number,
    norm: number,
    inside: number,
    outside: number,
    projectedStep: number,
    shift: number,
  ): number;
  scoreAll(out: number, step: number): void;
  scoreOne(row: number, step: number): number;
  lastLooked(): number;
  lastFinished(): number;
}

let compiled: WebAssembly.Module | undefined;

/** A scan over this memory, which may be shared with others; its globals are its own. */
export function instantiateScan(memory: WebAssembly.Memory): ScanExports {
  compiled ??= new WebAssembly.Module(readFileSync(builtFile('serving/kernel.wasm')));
  const imports = { env: { memory, abort: () => unreachable() } };
  return new WebAssembly.Instance(compiled, imports).exports as unknown as ScanExports;
}

function unreachable(): never {
  throw new Error('the kernel stopped; this is a defect');
}
