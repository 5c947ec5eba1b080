import { describe, expect, it } from 'vitest';
import { pickForTasks } from '../../../../src/training/tasks/several/pick-student.ts';

const users = (...values: number[]) => Float64Array.from(values);
const taught = (...tasks: Float64Array[]) => ({ student: 'taught', work: 0.5, users: tasks });
const control = (...tasks: Float64Array[]) => ({ student: 'control', work: 1, users: tasks });

describe('the choice between a taught student and a control of several tasks', () => {
  const teachers = [users(0.5, 0.5, 0.5, 0.5), users(0.2, 0.2)];

  it('takes the control that is better in the mean of the tasks, by their weights', () => {
    const all = [
      taught(users(0.4, 0.4, 0.4, 0.4), users(0.2, 0.2)),
      control(users(0.5, 0.5, 0.5, 0.5), users(0.19, 0.19)),
    ];
    // Shares of the teachers: .8 and 1 taught, 1 and .95 for the control.
    const first = pickForTasks(all, teachers, [9, 1]);
    expect(first.trials.map(({ tasks }) => tasks)).toEqual([
      [expect.closeTo(0.8), expect.closeTo(1)],
      [expect.closeTo(1), expect.closeTo(0.95)],
    ]);
    expect(first.trials.map(({ score }) => score)).toEqual([expect.closeTo(0.82), expect.closeTo(0.995)]);
    expect(first.picked).toBe(1);
    expect(pickForTasks(all, teachers, [1, 9]).picked).toBe(0);
  });

  it('lets no task pay for the mean: a control that is far behind in one is not taken', () => {
    const all = [
      taught(users(0.4, 0.4, 0.4, 0.4), users(0.2, 0.2)),
      control(users(0.5, 0.5, 0.5, 0.5), users(0.1, 0.1)),
    ];
    const { picked, trials } = pickForTasks(all, teachers, [9, 1]);
    expect(trials[1]!.score).toBeGreaterThan(trials[0]!.score);
    expect(picked).toBe(0);
  });

  it('keeps the taught student where chance explains that the control is better', () => {
    const all = [
      taught(users(0, 1, 0.4, 0.5), users(0.2, 0.2)),
      control(users(1, 0, 0.5, 0.6), users(0.2, 0.2)),
    ];
    const { picked, trials } = pickForTasks(all, teachers, [1, 1]);
    expect(trials[1]!.score).toBeGreaterThan(trials[0]!.score);
    expect(trials[1]!.noise).toBeGreaterThan(trials[1]!.score - trials[0]!.score);
    expect(picked).toBe(0);
  });

  it('leaves out a task of which nobody is asked', () => {
    const { picked, trials } = pickForTasks(
      [taught(users(0.1, 0.1), users()), control(users(0.2, 0.2), users())],
      [users(0.2, 0.2), users()],
      [1, 5],
    );
    expect(trials.map(({ score, tasks }) => [score, tasks[1]])).toEqual([
      [0.5, null],
      [1, null],
    ]);
    expect(picked).toBe(1);
  });
});
