import { Type } from 'typebox';

const address = (description: string) =>
  Type.Optional(
    Type.String({
      'x-must-be': 'an address that begins with http:// or https://',
      pattern: '^https?://[^/]',
      description,
    }),
  );

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Settings of traces, under OpenTelemetry's own names; its further ones (`OTEL_EXPORTER_OTLP_TIMEOUT`, `..._COMPRESSION`, `..._CERTIFICATE`, `OTEL_BSP_...`) are read by its exporter. */
export const TRACE_SETTINGS = {
  OTEL_EXPORTER_OTLP_ENDPOINT: address(
    'Receiver of [traces](operations.md#traces) by OTLP over HTTP, such as `http://collector:4318`; `/v1/traces` is added. Nothing is traced, and nothing of OpenTelemetry loaded, if unset.',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address('The same with its whole path, for traces alone.'),
  OTEL_EXPORTER_OTLP_HEADERS: Type.String({
    default: '',
    'x-must-be': 'name=value, comma-separated and percent-encoded',
    pattern: '^$|^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$',
    description: 'Headers for the receiver, such as `authorization=Bearer%20...`.',
  }),
  OTEL_EXPORTER_OTLP_PROTOCOL: Type.Enum(['http/protobuf'], {
    default: 'http/protobuf',
    description: 'The one that is spoken; a collector takes it on port 4318.',
  }),
  OTEL_SERVICE_NAME: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'Name in traces; `stillhouse-api`, `stillhouse-worker` and `stillhouse-trainer` if unset.',
    }),
  ),
  OTEL_RESOURCE_ATTRIBUTES: Type.String({
    default: '',
    'x-must-be': 'name=value, comma-separated and percent-encoded',
    pattern: '^$|^([^=,%]+=([^,%]|%[0-9A-Fa-f]{2})*)(,[^=,%]+=([^,%]|%[0-9A-Fa-f]{2})*)*$',
    description: 'What else is said of this installation, such as `deployment.environment.name=live`.',
  }),
  OTEL_TRACES_SAMPLER: Type.Enum([...SAMPLERS], {
    default: 'parentbased_always_on',
    description:
      'Which traces are kept: those that begin with `parentbased_` follow the caller where its `traceparent` says whether it keeps its own.',
  }),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({
    default: 1,
    minimum: 0,
    maximum: 1,
    description: 'Share of traces that the samplers with `traceidratio` keep.',
  }),
  OTEL_BSP_SCHEDULE_DELAY: Type.Integer({
    default: 1000,
    minimum: 1,
    maximum: 600_000,
    description:
      'Milliseconds for which ended spans wait to be sent together; a process that is killed loses them.',
  }),
  OTEL_SDK_DISABLED: Type.Enum(['true', 'false'], {
    default: 'false',
    description: '`true`: nothing is traced, whatever else is set.',
  }),
  TRACE_SERVING_SAMPLE: Type.Number({
    default: 0.01,
    minimum: 0,
    maximum: 1,
    description:
      'Share of recommendations and of posts of interactions that are traced where no caller traces them.',
  }),
};
