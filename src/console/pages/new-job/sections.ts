import type { FormField } from './schema.ts';

export interface FormSection {
  title: string;
  fields: FormField[];
}

/** Fields that nearly every job decides on; the rest is folded. */
const MAIN = ['model', 'task', 'teacher', 'student'];

/** Fields that the API writes itself. */
const WRITTEN = ['type', 'place'];

const TITLES: Record<string, string> = {
  dataset: 'Data that is trained on',
  features: 'Features of items and users',
  students: 'Several students',
  search: 'Search for the size',
  tasks: 'Several tasks',
  labels: 'Labels',
  distillation: 'Distillation',
  evaluation: 'Evaluation',
  publish: 'Publishing and the gate',
};

function withoutWritten(field: FormField): FormField {
  if (field.kind !== 'group') return field;
  return { ...field, fields: field.fields.filter(({ name }) => !WRITTEN.includes(name)) };
}

/** The fields of a job as a form has them: the main ones, and the others in sections. */
export function sectionsOf(fields: readonly FormField[]): { main: FormField[]; folded: FormSection[] } {
  const main = MAIN.flatMap((name) => fields.filter((field) => field.name === name));
  const others = fields.filter(({ name }) => !MAIN.includes(name) && !WRITTEN.includes(name));
  const named = others.filter(({ name }) => name in TITLES);
  const rest = others.filter(({ name }) => !(name in TITLES));
  const folded = named.map((field) => ({ title: TITLES[field.name]!, fields: [withoutWritten(field)] }));
  return {
    main,
    folded: rest.length === 0 ? folded : [...folded, { title: 'Queue and worker', fields: rest }],
  };
}
