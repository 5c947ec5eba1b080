import type { Report } from '../../domain/reports/report.ts';

/** One table of a report: all of it, or that of one of its tasks. */
export type Table = Pick<Report, 'models' | 'comparison' | 'histories' | 'headline'> & { task?: string };

export const studentOf = ({ models }: Pick<Table, 'models'>) =>
  models.find(({ name }) => name === 'student')!;
