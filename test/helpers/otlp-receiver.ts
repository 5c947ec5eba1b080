import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** Empty where it begins a trace. */
  parentId: string;
  traceState: string;
  name: string;
  kind: number;
  service: string;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  attributes: Record<string, unknown>;
  events: { name: string; attributes: Record<string, unknown> }[];
  /** The sentence of a span that failed. */
  failure: string | null;
}

export interface OtlpReceiver {
  url: string;
  spans: ReceivedSpan[];
  /** Status of its answers; 200 at first. */
  status: number;
  close(): Promise<void>;
}

/** A receiver of traces by OTLP over HTTP, which reads the protobuf of opentelemetry/proto/trace/v1/trace.proto by itself. */
export async function startOtlpReceiver(port = 0): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (receiver.status === 200 && request.url === '/v1/traces')
      spans.push(...spansOf(Buffer.concat(chunks)));
    response.writeHead(request.url === '/v1/traces' ? receiver.status : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const receiver: OtlpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    status: 200,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

/** The fields of a message by their numbers: numbers of fixed width and varints as bigint, the rest as bytes. */
function fieldsOf(bytes: Buffer): Map<number, (bigint | Buffer)[]> {
  const fields = new Map<number, (bigint | Buffer)[]>();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    if (![0, 1, 2, 5].includes(wire)) throw new Error(`There is no wire type ${wire}.`);
    const value =
      wire === 0
        ? varint()
        : wire === 1
          ? take(8).readBigUInt64LE()
          : wire === 5
            ? BigInt(take(4).readUInt32LE())
            : take(Number(varint()));
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

type Fields = ReturnType<typeof fieldsOf>;
const messages = (fields: Fields, n: number) =>
  (fields.get(n) ?? []).map((value) => fieldsOf(value as Buffer));
const text = (fields: Fields, n: number) => ((fields.get(n)?.[0] as Buffer | undefined) ?? '').toString();
const hex = (fields: Fields, n: number) =>
  ((fields.get(n)?.[0] as Buffer | undefined) ?? Buffer.alloc(0)).toString('hex');
const milliseconds = (fields: Fields, n: number) => Number(fields.get(n)?.[0] as bigint) / 1e6;

function attributesOf(fields: Fields, n: number): Record<string, unknown> {
  const pairs = messages(fields, n).map((pair) => {
    const [value] = messages(pair, 2);
    const [kind, [raw]] = [...value!][0] as [number, (bigint | Buffer)[]];
    if (kind === 1) return [text(pair, 1), (raw as Buffer).toString()];
    if (kind === 2) return [text(pair, 1), raw === 1n];
    if (kind === 3) return [text(pair, 1), Number(raw)];
    const double = Buffer.alloc(8);
    double.writeBigUInt64LE(raw as bigint);
    return [text(pair, 1), double.readDoubleLE()];
  });
  return Object.fromEntries(pairs);
}

function spansOf(bytes: Buffer): ReceivedSpan[] {
  return messages(fieldsOf(bytes), 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1);
    const service = String(attributesOf(resource!, 1)['service.name']);
    const scopes = messages(resourceSpans, 2);
    return scopes.flatMap((scope) => messages(scope, 2)).map((span) => toSpan(span, service));
  });
}

function toSpan(span: Fields, service: string): ReceivedSpan {
  const [status] = messages(span, 15);
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentId: hex(span, 4),
    traceState: text(span, 3),
    name: text(span, 5),
    kind: Number(span.get(6)?.[0] ?? 0n),
    service,
    from: milliseconds(span, 7),
    to: milliseconds(span, 8),
    attributes: attributesOf(span, 9),
    events: messages(span, 11).map((event) => ({ name: text(event, 2), attributes: attributesOf(event, 3) })),
    failure: status?.get(3)?.[0] === 2n ? text(status, 2) : null,
  };
}
