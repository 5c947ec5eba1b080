import { defineSplit } from '../split-kind.ts';

export const leaveLastOut = defineSplit({
  strategy: 'leave-last-out',
  says: "Each user's newest interaction is test, the one before validation.",
  options: {},
  tasks: ['single-label', 'sequential', 'rating'],
  complete: () => ({}),
});
