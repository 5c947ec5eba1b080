import type { VNode } from 'preact';
import { Data } from './pages/data.ts';
import { Jobs } from './pages/jobs.ts';
import { NewJob } from './pages/new-job.ts';
import { Operate } from './pages/operate.ts';
import { Overview } from './pages/overview.ts';
import type { Place } from './router.ts';

// Data and jobs.

// Judgement and rollout.
import { Compare } from './pages/compare.ts';
import { Report } from './pages/report.ts';
import { Rollout } from './pages/rollout.ts';
import { TryIt } from './pages/try-it.ts';

/** A page: what follows `#/` in its address, its name in the menu, and its component, which gets the place. */
export interface PageEntry {
  path: string;
  title: string;
  /** Path of a 16 x 16 icon that is drawn with a line, as in the attribute d of SVG. */
  icon: string;
  component: (place: Place) => VNode;
  /** True: it has no line in the menu, as one gets there from another page. */
  isHidden?: boolean;
}

export const PAGES: readonly PageEntry[] = [
  { path: 'overview', title: 'Overview', icon: 'M2 14V8h3v6M6.5 14V2h3v12M11 14V5h3v9', component: Overview },

  {
    path: 'data',
    title: 'Data',
    icon: 'M2.5 4c0-3 11-3 11 0s-11 3-11 0v8c0 3 11 3 11 0V4M2.5 8c0 3 11 3 11 0',
    component: Data,
  },
  { path: 'new-job', title: 'New job', icon: 'M8 2.5v11M2.5 8h11', component: NewJob },
  {
    path: 'jobs',
    title: 'Jobs',
    icon: 'M2 3.5h2M6.5 3.5H14M2 8h2M6.5 8H14M2 12.5h2M6.5 12.5H14',
    component: Jobs,
  },

  // Judgement and rollout.
  { path: 'report', title: 'Report', icon: 'M3 1.5h7l3 3v10H3zM5.5 8h5M5.5 11h5M5.5 5h2', component: Report },
  { path: 'compare', title: 'Compare', icon: 'M5 2v12M11 2v12M2.5 5.5h5M8.5 10.5h5', component: Compare },
  { path: 'try', title: 'Try it', icon: 'M5 2.5l8 5.5-8 5.5z', component: TryIt },
  { path: 'rollout', title: 'Rollout', icon: 'M8 14V3M4 6.5L8 2.5l4 4M3 14h10', component: Rollout },

  { path: 'operate', title: 'Operate', icon: 'M1.5 8.5h3l2-6 3 11 2-5h3', component: Operate },
];
