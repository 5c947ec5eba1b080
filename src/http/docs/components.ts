import { type TSchema, Type } from 'typebox';
import { Model, ModelVersion } from '../../domain/answers/model.ts';
import { CatalogueField, SessionInteraction } from '../../domain/answers/recommend-request.ts';
import {
  AnsweringModel,
  RankAnswer,
  Recommendation,
  RecommendedItem,
  SimilarAnswer,
} from '../../domain/answers/recommendation.ts';
import { NewRule, Rule } from '../../domain/answers/rule.ts';
import { Problem, ProblemCode, ShortProblem } from '../../domain/base/problem.ts';
import { TaskSpec } from '../../domain/base/task-spec.ts';
import { Features, Item, User } from '../../domain/data/catalogue.ts';
import { ExportFormat } from '../../domain/data/export.ts';
import { ImportSpec } from '../../domain/data/import.ts';
import { ImportFormat, ImportKind } from '../../domain/data/import-kind.ts';
import { Interaction } from '../../domain/data/interaction.ts';
import { CountAndShare, Distribution, Stats } from '../../domain/data/stats.ts';
import { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import {
  DistillationResult,
  ImportResult,
  Job,
  JobEvent,
  JobLogLine,
  JobProgress,
  JobState,
  JobType,
} from '../../domain/jobs/job.ts';
import {
  ColumnCheck,
  DataCheck,
  ExpectedCost,
  JobPlan,
  PlannedDefault,
  PlanProblem,
  TypeCheck,
} from '../../domain/jobs/job-plan.ts';
import { QueueView } from '../../domain/jobs/queue.ts';
import { Schedule, ScheduleSpec } from '../../domain/jobs/schedule.ts';
import { SearchPoint, SearchReport } from '../../domain/jobs/search-report.ts';
import { SearchSpec } from '../../domain/jobs/search-spec.ts';
import { TrainerHealth, WorkerStatus } from '../../domain/jobs/worker.ts';
import { AuditView } from '../../domain/keys/audit.ts';
import { KeyView } from '../../domain/keys/key.ts';
import { LossSpec } from '../../domain/losses/loss-spec.ts';
import { ComparisonReport } from '../../domain/reports/comparison-report.ts';
import { CurveReport } from '../../domain/reports/curve-report.ts';
import { EnsembleReport } from '../../domain/reports/ensemble-report.ts';
import { ExampleReport, ListDifference } from '../../domain/reports/example-report.ts';
import { HistoryReport } from '../../domain/reports/history-report.ts';
import { Measured } from '../../domain/reports/measured.ts';
import { ModelReport } from '../../domain/reports/model-report.ts';
import { Report } from '../../domain/reports/report.ts';
import { SeedReport } from '../../domain/reports/seed-report.ts';
import { SetReport } from '../../domain/reports/set-report.ts';
import { TaskReport } from '../../domain/reports/task-report.ts';
import { TransferReport } from '../../domain/reports/transfer-report.ts';
import { Finding, Headline, LossFinding, Verdict } from '../../domain/reports/verdict-report.ts';
import { FreezeSpec } from '../../domain/students/freeze-spec.ts';
import { StudentSpec } from '../../domain/students/student-spec.ts';
import { DatasetSpec } from '../../domain/tasks/dataset-spec.ts';
import { FeaturesSpec } from '../../domain/tasks/features-spec.ts';
import { LabelsSpec } from '../../domain/tasks/labels-spec.ts';
import { SplitSpec } from '../../domain/tasks/split-spec.ts';
import { NamedTask } from '../../domain/tasks/tasks-spec.ts';
import { ExternalTeacher, TeacherCoverage } from '../../domain/teachers/external-teacher.ts';
import { TeacherSpec } from '../../domain/teachers/teacher-spec.ts';
import {
  AliasView,
  DeletionView,
  InteractionView,
  ItemView,
  RejectedRow,
  UpsertResult,
  UserView,
} from '../views.ts';

/**
 * The shapes that the document names; whatever has such a shape refers to it. A union whose members differ in one
 * constant names them too, as in SoftmaxTeacher, so kinds need no line here.
 */
export const components: Readonly<Record<string, TSchema>> = {
  Alias: AliasView,
  AnsweringModel,
  AnyProperties: Features,
  AuditEntry: AuditView,
  CatalogueField,
  ColumnCheck,
  ComparisonReport,
  CountAndShare,
  CurveReport,
  DataCheck,
  DatasetSpec,
  Deletion: DeletionView,
  DistillationResult,
  DistillationSpec,
  Distribution,
  EnsembleReport,
  ExampleReport,
  ExpectedCost,
  ExportFormat,
  FeaturesSpec,
  Finding,
  FreezeSpec,
  Headline,
  HistoryReport,
  ImportFormat,
  ImportKind,
  ImportResult,
  ImportSpec,
  ImportedTeacher: ExternalTeacher,
  Interaction,
  Item,
  Job,
  JobEvent,
  JobLogLine,
  JobPlan,
  JobProgress,
  JobState,
  JobType,
  Key: KeyView,
  LabelsSpec,
  ListDifference,
  LossFinding,
  LossSpec,
  Measured,
  MeasuredByName: Type.Record(Type.String(), Measured),
  Model,
  ModelReport,
  ModelVersion,
  NamedTask,
  NewRule,
  NumbersByName: Type.Record(Type.String(), Type.Number()),
  PlanProblem,
  PlannedDefault,
  Problem,
  ProblemCode,
  QueueView,
  RankAnswer,
  Recommendation,
  RecommendedItem,
  RejectedRow,
  Report,
  Rule,
  Schedule,
  ScheduleSpec,
  SearchPoint,
  SearchReport,
  SearchSpec,
  SeedReport,
  SessionInteraction,
  SetReport,
  ShortProblem,
  SimilarAnswer,
  SplitSpec,
  Stats,
  StoredInteraction: InteractionView,
  StoredItem: ItemView,
  StoredUser: UserView,
  StudentSpec,
  TaskReport,
  TaskSpec,
  TeacherCoverage,
  TeacherSpec,
  TrainerHealth,
  TransferReport,
  TypeCheck,
  UpsertResult,
  User,
  Verdict,
  WorkerStatus,
};
