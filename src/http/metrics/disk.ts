import { Gauge, type Registry } from 'prom-client';
import type { Disk } from '../../core/disk.ts';

/** Free space for database and artifacts, asked for at each scrape. */
export function describeDisk(registry: Registry, disk: Disk): void {
  const least = new Gauge({
    name: 'stillhouse_disk_least_bytes',
    help: 'Free space that imports ask for (MIN_FREE_DISK_MIB).',
    registers: [registry],
  });
  new Gauge({
    name: 'stillhouse_disk_free_bytes',
    help: 'Free space for database and artifacts.',
    registers: [registry],
    async collect() {
      const { freeBytes, leastBytes } = await disk.look();
      least.set(leastBytes);
      this.set(freeBytes);
    },
  });
}
