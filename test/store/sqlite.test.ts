import path from 'node:path';
import { storeSuite } from '../contract/store-suite.ts';
import { openStore, temporaryFolder } from '../helpers/store.ts';

storeSuite('SQLite', {
  async database(now) {
    const file = path.join(await temporaryFolder(), 'test.db');
    return () => openStore(file, now);
  },
});
