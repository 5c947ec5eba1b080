import { messageOf } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { connectPatient, type RedisClient } from './connection.ts';
import type { Signal } from './contract.ts';

export interface Signals {
  /** Never throws: a signal only hurries along what polling would find out. */
  publish(signal: Signal): Promise<void>;
  subscribe(listener: (signal: Signal) => void): () => void;
  /** True while signals of others arrive. */
  listening(): boolean;
  /** Called when signals of others may have been lost. */
  onGap(listener: () => void): () => void;
  close(): void;
}

interface SignalDeps {
  redisUrl: string;
  prefix: string;
  /** Publishing must not wait for Redis. */
  publisher: RedisClient;
  logger: Logger;
}

/** One channel for the whole installation. However many listen in this process, there is one subscription. */
export function createSignals({ redisUrl, prefix, publisher, logger }: SignalDeps): Signals {
  const channel = `${prefix}:signals`;
  const listeners = new Set<(signal: Signal) => void>();
  // A subscribed connection can do nothing else.
  const subscriber = connectPatient(redisUrl, logger);
  const gapListeners = new Set<() => void>();
  let isListening = false;
  const lost = () => {
    isListening = false;
    for (const listener of gapListeners) listener();
  };
  // After every reconnect too; a second subscription to the channel changes nothing.
  const listen = () =>
    subscriber.subscribe(channel).then(
      () => {
        isListening = true;
      },
      (error) => logger.debug({ reason: messageOf(error) }, 'not subscribed to signals'),
    );
  subscriber.on('ready', () => void listen());
  subscriber.on('close', lost);
  subscriber.on('message', (_channel, text: string) => {
    const signal = parseSignal(text);
    if (!signal) return;
    for (const listener of listeners) {
      try {
        listener(signal);
      } catch (error) {
        logger.error({ err: error, signal }, 'a listener of signals failed');
      }
    }
  });

  return {
    async publish(signal) {
      try {
        await publisher.publish(channel, JSON.stringify(signal));
      } catch (error) {
        logger.debug({ reason: messageOf(error), signal }, 'signal not sent');
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    listening: () => isListening,
    onGap(listener) {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },
    close: () => subscriber.disconnect(),
  };
}

/** Another version of the service may speak on the channel during an update: what is not understood is skipped. */
function parseSignal(text: string): Signal | null {
  try {
    const signal = JSON.parse(text) as Partial<Signal> | null;
    if (signal?.kind === 'models' || signal?.kind === 'items' || signal?.kind === 'rules') {
      return { kind: signal.kind };
    }
    if (signal?.kind === 'histories') {
      const { users, from } = signal;
      const sender = typeof from === 'string' ? { from } : {};
      return { kind: 'histories', users: Array.isArray(users) ? users.map(String) : null, ...sender };
    }
    if ((signal?.kind === 'job' || signal?.kind === 'cancel') && typeof signal.jobId === 'string') {
      return { kind: signal.kind, jobId: signal.jobId };
    }
    return null;
  } catch {
    return null;
  }
}
