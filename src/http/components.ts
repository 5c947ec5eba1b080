import { Model, ModelVersion } from '../domain/answers/model.ts';
import { RankAnswer, Recommendation, SimilarAnswer } from '../domain/answers/recommendation.ts';
import { Rule } from '../domain/answers/rule.ts';
import { Problem } from '../domain/base/problem.ts';
import { Item, User } from '../domain/data/catalogue.ts';
import { Interaction } from '../domain/data/interaction.ts';
import { Stats } from '../domain/data/stats.ts';
import { Job, JobEvent, JobLogLine } from '../domain/jobs/job.ts';
import { QueueView } from '../domain/jobs/queue.ts';
import { Schedule } from '../domain/jobs/schedule.ts';
import { WorkerStatus } from '../domain/jobs/worker.ts';
import { LabelReport } from '../domain/reports/label-report.ts';
import { RatingReport } from '../domain/reports/rating-report.ts';
import { Report } from '../domain/reports/report.ts';
import { ExternalTeacher } from '../domain/teachers/external-teacher.ts';
import type { App } from './app-type.ts';
import { DeletionView, InteractionView, ItemView, UserView } from './views.ts';

const components = {
  Deletion: DeletionView,
  ExternalTeacher,
  Interaction,
  Item,
  Job,
  JobEvent,
  JobLogLine,
  LabelReport,
  Model,
  ModelVersion,
  Problem,
  QueueView,
  RankAnswer,
  Recommendation,
  RatingReport,
  Report,
  Schedule,
  Stats,
  Rule,
  SimilarAnswer,
  StoredInteraction: InteractionView,
  StoredItem: ItemView,
  StoredUser: UserView,
  User,
  WorkerStatus,
};

/** The named schemas: written once in the documentation, referred to by `named(name)`. */
export function installComponents(app: App): void {
  for (const [name, schema] of Object.entries(components)) app.addSchema({ ...schema, $id: name });
}
