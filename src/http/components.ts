import { Item, User } from '../domain/catalogue.ts';
import { ExternalTeacher } from '../domain/external-teacher.ts';
import { Interaction } from '../domain/interaction.ts';
import { Job, JobEvent, JobLogLine } from '../domain/job.ts';
import { LabelReport } from '../domain/label-report.ts';
import { Model, ModelVersion } from '../domain/model.ts';
import { Problem } from '../domain/problem.ts';
import { QueueView } from '../domain/queue.ts';
import { RatingReport } from '../domain/rating-report.ts';
import { RankAnswer, Recommendation, SimilarAnswer } from '../domain/recommendation.ts';
import { Report } from '../domain/report.ts';
import { Rule } from '../domain/rule.ts';
import { Schedule } from '../domain/schedule.ts';
import { Stats } from '../domain/stats.ts';
import { WorkerStatus } from '../domain/worker.ts';
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
