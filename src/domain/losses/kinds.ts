// Every kind of loss, a line each.
export { dcd } from './kinds/dcd.ts';
export { de } from './kinds/de.ts';
export { fitnet } from './kinds/fitnet.ts';
export { ftd } from './kinds/ftd.ts';
export { hardLabels } from './kinds/hard-labels.ts';
export { htd } from './kinds/htd.ts';
export { rankLabels } from './kinds/rank-labels.ts';
export { rceKd } from './kinds/rce-kd.ts';
export { rrd } from './kinds/rrd.ts';
export { softLabels } from './kinds/soft-labels.ts';
