// The arithmetic of every kind of loss, by the names of src/domain/losses/kinds.ts.
export { dcd } from './dcd.ts';
export { de } from './de.ts';
export { fitnet } from './fitnet.ts';
export { ftd } from './ftd.ts';
export { hardLabels } from './hard-labels.ts';
export { htd } from './htd.ts';
export { rankLabels } from './rank-labels.ts';
export { rceKd } from './rce-kd.ts';
export { rrd } from './rrd.ts';
export { softLabels } from './soft-labels.ts';
