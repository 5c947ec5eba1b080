import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import type { AppDeps } from '../../src/http/deps.ts';
import { makePlans } from '../../src/training/plan/make-plans.ts';
import type { Service } from './service.ts';

/** Plans in this process, over the service's own data. */
export const realPlanner = (service: () => Service): AppDeps['planner'] => ({
  plan: (requested, specs) => {
    const { store, folder } = service();
    return makePlans({ store, artifacts: createFsStore(`file:${folder}/artifacts`) }, { requested, specs });
  },
});
